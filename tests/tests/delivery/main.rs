//! What is built and run elsewhere: the daemon's image, and the workflows of a fork. Neither runs here, so that
//! they fit the repository is held by reading them.

#![cfg(test)]

mod dockerfile;
mod image;
mod workflows;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The root of the repository.
fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap().to_owned()
}

/// The text of a file, named from the root.
fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
