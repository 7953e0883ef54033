//! Where a run is told and what it changes, within its record. What the key says is not said again, and what a subject and
//! its code have in common is said once: an item that is changed often has to stay under a kilobyte.

use domain::{
    CodeTarget, CommitSha, Connection, ConnectionId, InstallationId, ItemKind, Login, PlaceName,
    Provider, RepoName, Repository, RepositoryId, Subject, SubjectKey,
};
use serde::{Deserialize, Serialize};

/// The subject of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SubjectRecord {
    provider: Provider,
    installation: InstallationId,
    kind: ItemKind,
    /// Where it is found, unless that is the repository of the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<PlaceName>,
}

/// What a run changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TargetRecord {
    owner: Login,
    name: RepoName,
    /// The repository, unless it is what the subject is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<RepositoryId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revision: Option<CommitSha>,
    /// The connection of the code, unless it is the subject's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    host: Option<HostRecord>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct HostRecord {
    connection: ConnectionId,
    provider: Provider,
    installation: InstallationId,
}

impl SubjectRecord {
    /// The record of a subject beside that of `target`.
    pub(crate) fn of(subject: &Subject, target: &CodeTarget) -> Self {
        let place = subject.place();
        Self {
            provider: subject.provider(),
            installation: subject.connection().installation(),
            kind: subject.kind(),
            place: (*place != target.repository().place()).then(|| place.clone()),
        }
    }
}

impl TargetRecord {
    /// The record of what is changed for `subject`, whose tenant's it is.
    pub(crate) fn of(target: &CodeTarget, subject: &Subject) -> Self {
        let Repository { id, owner, name } = target.repository().clone();
        let host = target.connection();
        let host = (host != subject.connection()).then(|| HostRecord {
            connection: host.id(),
            provider: host.provider(),
            installation: host.installation(),
        });
        Self {
            owner,
            name,
            id: Some(id).filter(|id| *id != subject.id().container().into()),
            revision: target.revision().cloned(),
            host,
        }
    }
}

/// The subject under `key` and the code that two records stand for.
pub(crate) fn subject_and_target(
    subject: SubjectRecord,
    target: TargetRecord,
    key: &SubjectKey,
) -> (Subject, CodeTarget) {
    let tenant = key.tenant();
    let connection = Connection::stored(
        key.connection(),
        tenant.clone(),
        subject.provider,
        subject.installation,
    );
    let repository = Repository {
        id: target.id.unwrap_or_else(|| key.id().container().into()),
        owner: target.owner,
        name: target.name,
    };
    let place = subject.place.unwrap_or_else(|| repository.place());
    let host = target.host.map_or_else(
        || connection.clone(),
        |host| {
            let HostRecord {
                connection,
                provider,
                installation,
            } = host;
            Connection::stored(connection, tenant.clone(), provider, installation)
        },
    );
    (
        Subject::new(connection, key.id(), place, subject.kind),
        CodeTarget::new(host, repository).at(target.revision),
    )
}
