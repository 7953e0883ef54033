//! What work changes.

use crate::{CommitSha, Connection, Repository, TenantId};

/// A repository that work reads or changes, at a code host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeTarget {
    connection: Connection,
    repository: Repository,
    revision: Option<CommitSha>,
}

impl CodeTarget {
    /// `repository`, as it is when work on it begins.
    pub const fn new(connection: Connection, repository: Repository) -> Self {
        Self {
            connection,
            repository,
            revision: None,
        }
    }

    /// The same at `revision`, whatever comes after; none means: as it is when work on it begins.
    #[must_use]
    pub fn at(self, revision: Option<CommitSha>) -> Self {
        Self { revision, ..self }
    }

    /// The connection through which it is reached.
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Whose it is.
    pub const fn tenant(&self) -> &TenantId {
        self.connection.tenant()
    }

    /// The repository, as its host knows it.
    pub const fn repository(&self) -> &Repository {
        &self.repository
    }

    /// The revision that was decided on, where one was.
    pub const fn revision(&self) -> Option<&CommitSha> {
        self.revision.as_ref()
    }
}
