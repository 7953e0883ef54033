//! The samples.

use std::{fs, path::PathBuf};

use serde_json::Value;

/// The tests that use them.
const TESTS: [&str; 6] = [
    include_str!("api.rs"),
    include_str!("worker.rs"),
    include_str!("relay.rs"),
    include_str!("scheduler.rs"),
    include_str!("triage.rs"),
    include_str!("webhook.rs"),
];

/// The text of a sample.
pub(crate) fn sample(name: &str) -> String {
    let path = directory().join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A sample as a JSON document.
pub(crate) fn document(name: &str) -> Value {
    serde_json::from_str(&sample(name)).unwrap()
}

/// The names of all samples.
pub(crate) fn names() -> Vec<String> {
    let entries = fs::read_dir(directory()).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let samples = paths.filter(|path| path.extension().is_some_and(|end| end == "json"));
    let names = samples.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
    let mut names: Vec<String> = names.collect();
    names.sort();
    assert!(!names.is_empty());
    names
}

#[test]
fn every_sample_is_used_by_a_test() {
    for name in names() {
        let quoted = format!("\"{name}\"");
        assert!(
            TESTS.iter().any(|test| test.contains(&quoted)),
            "no test uses events/{name}"
        );
    }
}

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../events")
}
