//! The documents against what is there.

use std::collections::BTreeSet;

use crate::workspace::{files, read, root};

/// Those that are written by hand.
const DOCUMENTS: [&str; 8] = [
    "ARCHITECTURE.md",
    "README.md",
    "docs/definitions.md",
    "docs/deploying.md",
    "docs/extending.md",
    "docs/measurements.md",
    "docs/observing.md",
    "docs/sandbox.md",
];

/// How names of files end.
const FILE_ENDS: [&str; 9] = [
    ".rs", ".md", ".toml", ".yaml", ".json", ".lock", ".sqlite", ".txt", ".pem",
];

#[test]
fn the_documents_name_paths_that_exist() {
    let files = files();
    let mut wrong = Vec::new();
    for document in DOCUMENTS {
        let spans = code_spans(&read(document));
        let paths = spans.iter().filter(|span| looks_like_a_path(span));
        for path in paths {
            if !exists(path, &files) {
                wrong.push(format!("{document} names `{path}`"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "paths that do not exist; mend the document, or write what is no path differently:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_tests_that_the_architecture_names_exist() {
    let spans = code_spans(&read("ARCHITECTURE.md"));
    let named = spans.iter().filter_map(|span| span.split_once(".rs::"));
    let mut found = 0;
    for (file, test) in named {
        let file = format!("{file}.rs");
        let code = read(&file);
        assert!(
            code.contains(&format!("fn {test}()")),
            "{file} has no {test}"
        );
        found += 1;
    }
    assert!(found > 30, "only {found} tests are named");
}

#[test]
fn the_architecture_names_every_directory_of_code() {
    let document = read("ARCHITECTURE.md");
    for member in crate::workspace::members() {
        assert!(
            document.contains(&member.path),
            "ARCHITECTURE.md does not say what {} is",
            member.path
        );
    }
}

#[test]
fn the_commands_that_people_are_told_exist() {
    let targets = targets();
    assert!(targets.contains("help"), "{targets:?}");
    for document in DOCUMENTS {
        for command in commands(&read(document)) {
            let Some(rest) = command.strip_prefix("make ") else {
                continue;
            };
            let named = rest
                .split_whitespace()
                .take_while(|word| !matches!(*word, "#" | "&&" | ";" | "|"))
                .filter(|word| !word.contains('=') && !word.starts_with('-'));
            for target in named {
                assert!(
                    targets.contains(target),
                    "{document} says `make {target}`; the Makefile has {targets:?}"
                );
            }
        }
    }
}

/// What stands between single backticks, outside blocks of code.
fn code_spans(text: &str) -> Vec<String> {
    let mut spans = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            spans.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    spans
}

/// Lines of blocks of code, and spans.
fn commands(text: &str) -> Vec<String> {
    let mut commands = code_spans(text);
    let mut in_block = false;
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with("```") {
            in_block = !in_block;
        } else if in_block {
            commands.push(line.trim_start_matches("$ ").to_owned());
        }
    }
    commands
}

fn looks_like_a_path(span: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/*".contains(c);
    // `/health` is a route, `text/html` a media type, `.switchyard` and samconfig.toml are made when they are needed.
    let made = [".switchyard", "samconfig.toml", "target/"];
    let other = ["/", "application/", "text/"].into_iter().chain(made);
    !span.is_empty()
        && span.chars().all(plain)
        && !other.into_iter().any(|start| span.starts_with(start))
        && (span.contains('/') || FILE_ENDS.iter().any(|end| span.ends_with(end)))
}

/// Whether a path is there: from the root, or as the end of one when a document speaks of one crate.
fn exists(path: &str, files: &[String]) -> bool {
    let path = path.trim_end_matches("/*").trim_end_matches('/');
    let (inside, end) = (format!("/{path}/"), format!("/{path}"));
    root().join(path).exists()
        || files
            .iter()
            .any(|file| file.ends_with(&end) || file.contains(&inside))
}

/// The targets of the Makefile: what stands before the colon of a rule.
fn targets() -> BTreeSet<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-./".contains(c);
    let makefile = read("Makefile");
    let rules = makefile.lines().filter_map(|line| line.split_once(':'));
    rules
        .filter(|(name, rest)| !rest.starts_with('=') && name.chars().all(plain))
        .map(|(name, _)| name.to_owned())
        .collect()
}

#[test]
fn paths_are_told_from_other_words() {
    for path in [
        "shared/store/src/keys.rs",
        "functions/*",
        "template.yaml",
        "events/",
    ] {
        assert!(looks_like_a_path(path), "{path}");
    }
    for other in [
        "/health",
        "application/json",
        "make run",
        "RUN#",
        "bot:implement",
        "a",
    ] {
        assert!(!looks_like_a_path(other), "{other}");
    }
    let files = files();
    assert!(exists("keys.rs", &files) && exists("functions/*", &files));
    assert!(!exists("functions/nothing", &files) && !exists("eys.rs", &files));
    assert_eq!(code_spans("a `b` c `d`\n```\n`e`\n```"), ["b", "d"]);
}
