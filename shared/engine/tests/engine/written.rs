//! The page and the schema against what they are made from, and the examples of the documents.

use std::{env, fs, path::PathBuf};

use engine::Plan;

fn path(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(name)
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the test says whether it writes the files"
)]
fn is_written(name: &str, made: &str) {
    if env::var_os("UPDATE").is_some() {
        fs::write(path(name), made).unwrap();
    }
    let there = fs::read_to_string(path(name)).unwrap();
    assert!(
        there == made,
        "{name} is not what shared/engine says; write it anew with \
         `UPDATE=1 cargo test -p switchyard-engine --test engine written`"
    );
}

#[test]
fn the_page_about_definitions_is_up_to_date() {
    is_written("docs/definitions.md", &engine::reference());
}

#[test]
fn the_schema_of_definitions_is_up_to_date() {
    let schema = serde_json::to_string_pretty(&engine::json_schema()).unwrap();
    is_written("docs/definition.schema.json", &(schema + "\n"));
}

#[test]
fn every_definition_in_the_documents_makes_sense() {
    let mut found = 0;
    for document in ["docs/definitions.md", "README.md"] {
        let text = fs::read_to_string(path(document)).unwrap();
        for block in text.split("```yaml\n").skip(1) {
            let block = block.split("```").next().unwrap();
            Plan::read(block).unwrap_or_else(|faults| panic!("{document}: {faults}"));
            found += 1;
        }
    }
    assert!(found >= 1, "{found}");
}
