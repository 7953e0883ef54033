//! What every function's `main.rs` does.

use crate::sources::{Source, sources};

#[test]
fn why_a_function_cannot_start_is_logged() {
    let mains: Vec<&Source> = sources()
        .iter()
        .filter(|source| source.path.starts_with("functions/"))
        .filter(|source| source.path.ends_with("/src/main.rs"))
        .collect();
    assert!(mains.len() > 5, "the mains were not found");
    for main in mains {
        assert!(main.text.contains("process.ready("), "{}", main.path);
    }
}
