//! What tests share: every fixture once.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a fixture that cannot be made fails its test"
)]

mod nouns;
pub mod runs;
pub mod scripted;
mod table;

use std::sync::Arc;

use domain::{
    AgentTools, DefinitionName, DeliverableKind, ItemKind, ManualClock, Repository,
    RepositoryAccess, RepositoryId, Task, TaskParts,
};

pub use nouns::{code, connection, issue, issue_key, origin, requester};
pub use table::create_table;

/// The definition that changes code.
pub const IMPLEMENT: DefinitionName = DefinitionName::literal("implement");
/// The definition that answers.
pub const INVESTIGATE: DefinitionName = DefinitionName::literal("investigate");

/// A task for issues that does with its access what it is for.
pub fn task(access: RepositoryAccess) -> Task {
    let (tools, deliverable) = match access {
        RepositoryAccess::Read => (AgentTools::Read, DeliverableKind::Findings),
        RepositoryAccess::Write => (AgentTools::Write, DeliverableKind::PullRequest),
    };
    let parts = TaskParts {
        access,
        tools,
        deliverable,
        targets: [ItemKind::Issue].into(),
        prompt: "Look at it.".to_owned(),
    };
    Task::new(parts).unwrap()
}

/// The repository `octo-demo/widgets`, with that id.
pub fn widgets(id: u64) -> Repository {
    Repository {
        id: RepositoryId::from(id),
        owner: "octo-demo".parse().unwrap(),
        name: "widgets".parse().unwrap(),
    }
}

/// A clock that stands still until it is moved.
pub fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::default())
}
