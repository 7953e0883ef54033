//! What no file says.

use crate::{
    sources::sources,
    workspace::{files, read},
};

/// What no Rust file says, and what to do instead. The words are put together here, so that this file does
/// not say them either.
const IN_RUST: [(&str, &str); 6] = [
    (concat!("#[", "allow("), "say #[expect(lint, reason = ...)]"),
    (
        concat!("#![", "allow("),
        "say #![expect(lint, reason = ...)]",
    ),
    (concat!("Timestamp::", "now("), "take a domain::Clock"),
    (concat!("SystemTime::", "now("), "take a domain::Clock"),
    (
        concat!("env::", "var("),
        "take settings; only a main.rs reads the environment",
    ),
    (
        concat!("env::", "vars"),
        "take settings; only a main.rs reads the environment",
    ),
];

/// Where one of them is the point, with the reason.
const ALLOWED: [(&str, &str); 5] = [
    // The one clock that asks the machine.
    ("shared/domain/src/clock.rs", "Timestamp::"),
    // Reads the environment for every main.rs.
    ("shared/settings/src/environment.rs", "env::"),
    // A test that starts git needs to find it.
    ("daemon/tests/it/support/scene.rs", "env::"),
    // A stand-in of the platform, with the machine's own time.
    ("daemon/tests/it/support/platform.rs", "Timestamp::"),
    // The suite may be pointed at another emulator.
    ("infra/aws-local/tests/it/contract/mod.rs", "env::"),
];

/// What no file at all says.
const ANYWHERE: [(&str, &str); 5] = [
    (concat!("TO", "DO"), "do it, or leave it out"),
    (concat!("FIX", "ME"), "fix it"),
    (concat!("XX", "X"), "say what is meant"),
    (concat!("/ro", "ot/"), "name no directory of one machine"),
    (concat!("/Us", "ers/"), "name no directory of one machine"),
];

/// Words that had another meaning beside the field's, or none at all, with the word that is used. No file says them as a
/// word of its own.
const RETIRED: [(&str, &str); 7] = [
    (
        concat!("ne", "ws"),
        "progress, an event, or what has changed",
    ),
    (concat!("glim", "pse"), "a view"),
    (concat!("Cour", "ier"), "EventUploader"),
    (concat!("Daemon", "Ne", "ws"), "DaemonEvent"),
    (concat!("Reaction", "Target"), "a message, or none"),
    (concat!("Narra", "tor"), "ProgressView"),
    (concat!("Sta", "tion"), "Milestone"),
];

/// Files in which chance may spell any word: locked hashes, base 64, keys, licences.
const OPAQUE: [&str; 5] = [".lock", ".json", ".pem", "LICENSE", ".png"];

#[test]
fn rust_files_keep_to_the_house_rules() {
    let mut found = Vec::new();
    for source in sources() {
        let main = source.path.ends_with("main.rs");
        for (word, instead) in IN_RUST {
            let allowed = ALLOWED
                .iter()
                .any(|(path, start)| source.path == *path && word.starts_with(start));
            let composes = main && word.starts_with("env::");
            if !allowed && !composes {
                found.extend(lines_with(&source.path, &source.text, word, instead));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn exceptions_are_still_needed() {
    for (path, start) in ALLOWED {
        let text = read(path);
        assert!(
            IN_RUST
                .iter()
                .any(|(word, _)| word.starts_with(start) && text.contains(word)),
            "{path} needs no exception for {start} any more: take it out of this test"
        );
    }
}

#[test]
fn no_file_leaves_work_or_traces_behind() {
    let mut found = Vec::new();
    for path in files() {
        if OPAQUE.iter().any(|end| path.ends_with(end)) {
            continue;
        }
        let text = read(&path);
        for (word, instead) in ANYWHERE {
            found.extend(lines_with(&path, &text, word, instead));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn words_that_were_given_up_do_not_come_back() {
    let mut found = Vec::new();
    for path in files() {
        if OPAQUE.iter().any(|end| path.ends_with(end)) {
            continue;
        }
        for (at, line) in read(&path).lines().enumerate() {
            let words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
            for word in words {
                let retired = RETIRED
                    .iter()
                    .find(|(one, _)| one.eq_ignore_ascii_case(word));
                found.extend(
                    retired.map(|(_, instead)| format!("{path}:{}: {word}: say {instead}", at + 1)),
                );
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

fn lines_with(path: &str, text: &str, word: &str, instead: &str) -> Vec<String> {
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| line.contains(word))
        .map(|(at, _)| format!("{path}:{}: {word}: {instead}", at + 1))
        .collect()
}
