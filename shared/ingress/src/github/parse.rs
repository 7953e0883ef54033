//! What a delivery means.

use domain::{
    CommentEvent, InboundEvent, InstallationId, Item, ItemKind, LabelEvent, Repository,
    RepositoryId, RequestTime, Requester, Sender, SenderKind, SubjectId, TextEvent, Written,
};
use serde::de::{DeserializeOwned, IgnoredAny};

use super::payload::{
    ChangesPart, CommentPayload, Envelope, InstalledPayload, IssuePart, ItemPayload,
    LocatedPayload, RepositoryPart, SenderPart,
};

/// A verified document is not what GitHub sends.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// It is not JSON.
    #[error("the document is not JSON")]
    NotJson,
    /// A field is missing, doubled or of the wrong type.
    #[error("the field {path} is missing or malformed")]
    Field {
        /// The path of the field, or of what it is missing from; never its contents.
        path: String,
    },
}

/// Reads `document`, delivered under the name `event`.
///
/// Only the fields that are needed are read, so that anything GitHub adds or changes elsewhere is
/// tolerated, to any depth; a field that is read must not appear twice, since two readers could then see
/// two values. An event or action that starts no work is [`InboundEvent::Other`], whatever else it holds.
pub fn parse(event: &str, document: &[u8]) -> Result<InboundEvent, ParseError> {
    let envelope: Envelope = read(document)?;
    Ok(match (event, envelope.action.as_deref()) {
        ("issue_comment", Some("created")) => comment(read(document)?, Happened::New),
        ("issue_comment", Some("edited")) => comment(read(document)?, Happened::Changed),
        ("issues", Some("opened")) => text(read(document)?, ItemKind::Issue, Happened::New)?,
        ("issues", Some("edited")) => text(read(document)?, ItemKind::Issue, Happened::Changed)?,
        ("issues", Some("labeled")) => label(read(document)?, ItemKind::Issue)?,
        ("pull_request", Some("opened")) => {
            text(read(document)?, ItemKind::PullRequest, Happened::New)?
        }
        ("pull_request", Some("edited")) => {
            text(read(document)?, ItemKind::PullRequest, Happened::Changed)?
        }
        ("pull_request", Some("labeled")) => label(read(document)?, ItemKind::PullRequest)?,
        _ => InboundEvent::Other,
    })
}

/// Where a verified document comes from, as far as it says so. The two are read apart, so that a repository that cannot
/// be read does not leave the delivery without anybody whose it is.
pub fn source(document: &[u8]) -> Source {
    let installed = read::<InstalledPayload>(document).ok();
    let located = read::<LocatedPayload>(document).ok();
    let installation = installed.and_then(|payload| payload.installation);
    let repository = located.and_then(|payload| payload.repository);
    Source {
        installation: installation.map(|part| part.id),
        repository: repository.map(|part| part.id),
    }
}

/// Where a delivery comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// The installation, if it names one.
    pub installation: Option<InstallationId>,
    /// The repository, if it is about one.
    pub repository: Option<RepositoryId>,
}

/// Whether a text is new or was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Happened {
    New,
    Changed,
}

impl Happened {
    /// The text with what stood there before. None if only something else was changed.
    fn written(self, now: &str, changes: Option<ChangesPart>) -> Option<Written> {
        let before = match self {
            Self::New => None,
            Self::Changed => Some(changes?.body?.from.unwrap_or_default()),
        };
        let now = now.to_owned();
        Some(Written { now, before })
    }
}

fn comment(payload: CommentPayload, happened: Happened) -> InboundEvent {
    let kind = match payload.issue.pull_request {
        Some(_) => ItemKind::PullRequest,
        None => ItemKind::Issue,
    };
    let part = payload.comment;
    let body = part.body.unwrap_or_default();
    let Some(text) = happened.written(&body, payload.changes) else {
        return InboundEvent::Other;
    };
    let asked = match happened {
        Happened::New => part
            .created_at
            .map(|at| RequestTime::of_message(at, part.id)),
        Happened::Changed => part.updated_at.map(RequestTime::of),
    };
    InboundEvent::Comment(Box::new(CommentEvent {
        item: item(payload.issue, kind, payload.repository.id),
        repository: repository(payload.repository),
        comment: part.id,
        text,
        asked,
        sender: sender(payload.sender, part.performed_via_github_app),
    }))
}

fn text(
    payload: ItemPayload,
    kind: ItemKind,
    happened: Happened,
) -> Result<InboundEvent, ParseError> {
    let part = part_of(kind, payload.issue, payload.pull_request)?;
    let body = part.body.as_deref().unwrap_or_default();
    let Some(text) = happened.written(body, payload.changes) else {
        return Ok(InboundEvent::Other);
    };
    let asked = match happened {
        Happened::New => part.created_at,
        Happened::Changed => part.updated_at,
    };
    // Only whoever opens it writes through an app; a change is its sender's.
    let app = part
        .performed_via_github_app
        .filter(|_| happened == Happened::New);
    Ok(InboundEvent::Text(Box::new(TextEvent {
        item: item(part, kind, payload.repository.id),
        repository: repository(payload.repository),
        text,
        asked: asked.map(RequestTime::of),
        sender: sender(payload.sender, app),
    })))
}

fn label(payload: ItemPayload, kind: ItemKind) -> Result<InboundEvent, ParseError> {
    let Some(label) = payload.label else {
        return Ok(InboundEvent::Other);
    };
    let part = part_of(kind, payload.issue, payload.pull_request)?;
    Ok(InboundEvent::Label(Box::new(LabelEvent {
        asked: part.updated_at.map(RequestTime::of),
        item: item(part, kind, payload.repository.id),
        repository: repository(payload.repository),
        label: label.name,
        sender: sender(payload.sender, None),
    })))
}

fn part_of(
    kind: ItemKind,
    issue: Option<IssuePart>,
    pull_request: Option<IssuePart>,
) -> Result<IssuePart, ParseError> {
    let (part, path) = match kind {
        ItemKind::Issue => (issue, "issue"),
        ItemKind::PullRequest => (pull_request, "pull_request"),
    };
    part.ok_or_else(|| ParseError::Field {
        path: path.to_owned(),
    })
}

fn repository(part: RepositoryPart) -> Repository {
    Repository {
        id: part.id,
        owner: part.owner.login,
        name: part.name,
    }
}

fn item(part: IssuePart, kind: ItemKind, repository: RepositoryId) -> Item {
    Item {
        id: SubjectId::new(repository.into(), part.number),
        kind,
        title: part.title,
        body: part.body.unwrap_or_default(),
        head: part.head.and_then(|head| head.sha),
    }
}

/// Whatever is not plainly a person is treated as a bot, which may not ask for work. What an app writes in a
/// person's name is still written by a program.
fn sender(part: SenderPart, app: Option<IgnoredAny>) -> Sender {
    let kind = match part.kind.as_deref() {
        Some("User") if app.is_none() => SenderKind::Person,
        Some(_) | None => SenderKind::Bot,
    };
    Sender {
        account: Requester::new(part.id, part.login.into()),
        kind,
    }
}

fn read<T: DeserializeOwned>(document: &[u8]) -> Result<T, ParseError> {
    let mut json = serde_json::Deserializer::from_slice(document);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        if error.into_inner().is_data() {
            ParseError::Field { path }
        } else {
            ParseError::NotJson
        }
    })?;
    json.end().map_err(|_| ParseError::NotJson)?;
    Ok(value)
}
