//! Settings as the environment has them.

/// A snapshot of the environment.
pub(crate) type Vars = std::collections::HashMap<String, String>;
