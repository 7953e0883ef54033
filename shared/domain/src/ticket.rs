//! The subject of work.

use serde::{Deserialize, Serialize};

use crate::{InstallationId, ItemNumber, Provider, Repository, RepositoryId, TenantId};

/// Whether an item is an issue or a pull request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// An issue.
    Issue,
    /// A pull request.
    PullRequest,
}

/// What makes a ticket unique. It names the repository by number, so that a rename changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TicketKey {
    /// Whose ticket it is.
    pub tenant: TenantId,
    /// Where it lives.
    pub provider: Provider,
    /// In which repository.
    pub repository: RepositoryId,
    /// Under which number.
    pub number: ItemNumber,
}

/// An issue or pull request that work is done for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Whose ticket it is.
    pub tenant: TenantId,
    /// Where it lives.
    pub provider: Provider,
    /// The installation through which it is reached.
    pub installation: InstallationId,
    /// Its repository.
    pub repository: Repository,
    /// Its number.
    pub number: ItemNumber,
    /// Issue or pull request.
    pub kind: ItemKind,
}

impl Ticket {
    /// The ticket's identity.
    pub fn key(&self) -> TicketKey {
        TicketKey {
            tenant: self.tenant.clone(),
            provider: self.provider,
            repository: self.repository.id,
            number: self.number,
        }
    }
}
