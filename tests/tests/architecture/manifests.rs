//! What every crate's manifest says.

use crate::workspace::{members, read};

/// What a crate takes from the workspace instead of deciding for itself.
const INHERITED: [&str; 5] = [
    "version.workspace = true",
    "edition.workspace = true",
    "rust-version.workspace = true",
    "license.workspace = true",
    "[lints]\nworkspace = true",
];

#[test]
fn crates_inherit_what_is_common() {
    let mut wrong = Vec::new();
    for member in members() {
        let manifest = read(&format!("{}/Cargo.toml", member.path));
        for line in INHERITED {
            if !manifest.contains(line) {
                wrong.push(format!("{} lacks {line:?}", member.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn versions_stand_in_one_table() {
    let mut wrong = Vec::new();
    for member in members() {
        let manifest = read(&format!("{}/Cargo.toml", member.path));
        let mut in_dependencies = false;
        for line in manifest.lines().map(str::trim) {
            if line.starts_with('[') {
                in_dependencies = line.ends_with("dependencies]");
            } else if in_dependencies && line.contains('=') && !line.contains("workspace = true") {
                wrong.push(format!("{}: {line}", member.path));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "dependencies outside the workspace's one table; move the version to Cargo.toml at the root and say \
         `workspace = true`:\n{}",
        wrong.join("\n")
    );
}
