//! How large files and functions may get.

use crate::sources::{Source, sources};

/// No file has more lines, its test module aside.
const FILE: usize = 600;
/// Half of the shipped files have no more lines.
const MEDIAN: usize = 130;
/// Nine of ten shipped files have no more lines.
const NINE_OF_TEN: usize = 350;
/// No function has more lines.
const FUNCTION: usize = 80;
/// A handler extracts, calls one use case and responds.
const HANDLER: usize = 25;
/// A `main.rs` only composes.
const MAIN: usize = 40;

#[test]
fn files_stay_small() {
    let too_long: Vec<String> = sources()
        .iter()
        .filter(|source| source.lines > FILE)
        .map(|source| format!("{}: {} lines", source.path, source.lines))
        .collect();
    none(
        &too_long,
        "files too long to be read at once; one thing a file",
    );
}

#[test]
fn most_files_are_smaller_still() {
    let sources = sources();
    let shipped = sources.iter().filter(|source| source.shipped());
    let mut lines: Vec<usize> = shipped.map(|source| source.lines).collect();
    lines.sort_unstable();
    let median = lines[lines.len() / 2];
    let ninth = lines[lines.len() * 9 / 10];
    println!(
        "{} files: half up to {median} lines, nine of ten up to {ninth}, the longest {}",
        lines.len(),
        lines[lines.len() - 1]
    );
    assert!(
        median <= MEDIAN,
        "half of the files are longer than {median} lines"
    );
    assert!(
        ninth <= NINE_OF_TEN,
        "one in ten files is longer than {ninth} lines"
    );
}

#[test]
fn functions_stay_small() {
    let sources = sources();
    none(
        &longer(sources, FUNCTION, |_| true),
        "functions to be taken apart",
    );
}

#[test]
fn handlers_only_extract_call_and_respond() {
    let sources = sources();
    let handlers = longer(sources, HANDLER, |path| {
        path.starts_with("functions/worker/src/routes/")
            || path.starts_with("functions/api/src/routes/")
    });
    none(
        &handlers,
        "handlers that decide something; that belongs to app",
    );
}

#[test]
fn mains_only_compose() {
    let sources = sources();
    let mains: Vec<&Source> = sources
        .iter()
        .filter(|source| source.path.ends_with("src/main.rs"))
        .collect();
    assert!(mains.len() > 5, "the mains were not found");
    let too_long: Vec<String> = mains
        .iter()
        .filter(|source| source.lines > MAIN)
        .map(|source| format!("{}: {} lines", source.path, source.lines))
        .collect();
    none(&too_long, "mains that do more than compose");
}

fn longer(sources: &[Source], limit: usize, of: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| of(&source.path)) {
        for function in &source.functions {
            if function.lines > limit {
                found.push(format!(
                    "{}: {} has {} lines, more than {limit}",
                    source.path, function.name, function.lines
                ));
            }
        }
    }
    found
}

fn none(found: &[String], what: &str) {
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}
