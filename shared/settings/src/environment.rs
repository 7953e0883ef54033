//! The environment of a process.

use std::collections::HashMap;

/// The process's environment, for a `main.rs` to pass on. Variables that are not text are left out.
#[expect(
    clippy::disallowed_methods,
    reason = "the mains read the environment through this"
)]
pub fn environment() -> HashMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
