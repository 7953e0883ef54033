//! A subject as GitHub addresses it.

use domain::{InstallationId, ItemId, Repository, Subject};

use crate::GitHubError;

/// An issue or pull request of a repository, and the installation that reaches it.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) installation: InstallationId,
    pub(crate) repository: Repository,
    pub(crate) number: ItemId,
}

impl Item {
    /// The item that a subject is. [`GitHubError::Invalid`] if it is in no repository.
    pub(crate) fn of(subject: &Subject) -> Result<Self, GitHubError> {
        let place = subject.place().repository();
        let (owner, name) = place.ok_or_else(|| GitHubError::Invalid {
            message: "the subject is in no repository".to_owned(),
        })?;
        Ok(Self {
            installation: subject.connection().installation(),
            repository: Repository {
                id: subject.id().container().into(),
                owner,
                name,
            },
            number: subject.item(),
        })
    }
}
