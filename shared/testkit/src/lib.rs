//! What tests share: every fixture once.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a fixture that cannot be made fails its test"
)]

pub mod scripted;
mod table;

use std::sync::Arc;

use domain::{DefinitionName, ManualClock, Repository, RepositoryId};

pub use table::create_table;

/// The definition that changes code.
pub const IMPLEMENT: DefinitionName = DefinitionName::literal("implement");
/// The definition that answers.
pub const INVESTIGATE: DefinitionName = DefinitionName::literal("investigate");

/// The repository `octo-demo/widgets`, with that id.
pub fn widgets(id: u64) -> Repository {
    Repository {
        id: RepositoryId(id),
        owner: "octo-demo".parse().unwrap(),
        name: "widgets".parse().unwrap(),
    }
}

/// A clock that stands still until it is moved.
pub fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::default())
}
