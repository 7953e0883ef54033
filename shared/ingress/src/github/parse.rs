//! What a delivery means.

use domain::{
    CommentEvent, EventKind, InboundEvent, Item, ItemKind, LabelEvent, Repository, Sender,
    SenderKind,
};
use serde::de::DeserializeOwned;

use super::payload::{
    CommentPayload, Envelope, IssuePart, LabelPayload, RepositoryPart, SenderPart,
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
/// two values. An event or action that starts no work is [`EventKind::Other`], whatever else it holds.
pub fn parse(event: &str, document: &[u8]) -> Result<InboundEvent, ParseError> {
    let envelope: Envelope = read(document)?;
    let kind = match (event, envelope.action.as_deref()) {
        ("issue_comment", Some("created")) => comment(read(document)?),
        ("issues", Some("labeled")) => label(read(document)?, ItemKind::Issue)?,
        ("pull_request", Some("labeled")) => label(read(document)?, ItemKind::PullRequest)?,
        _ => EventKind::Other,
    };
    let installation = envelope.installation.map(|installation| installation.id);
    Ok(InboundEvent { installation, kind })
}

fn comment(payload: CommentPayload) -> EventKind {
    let kind = match payload.issue.pull_request {
        Some(_) => ItemKind::PullRequest,
        None => ItemKind::Issue,
    };
    let mut sender = sender(payload.sender);
    // What an app writes in a person's name is still written by a program.
    if payload.comment.performed_via_github_app.is_some() {
        sender.kind = SenderKind::Bot;
    }
    EventKind::Comment(Box::new(CommentEvent {
        repository: repository(payload.repository),
        item: item(payload.issue, kind),
        comment: payload.comment.id,
        body: payload.comment.body.unwrap_or_default(),
        sender,
    }))
}

fn label(payload: LabelPayload, kind: ItemKind) -> Result<EventKind, ParseError> {
    let Some(label) = payload.label else {
        return Ok(EventKind::Other);
    };
    let (part, path) = match kind {
        ItemKind::Issue => (payload.issue, "issue"),
        ItemKind::PullRequest => (payload.pull_request, "pull_request"),
    };
    let part = part.ok_or_else(|| ParseError::Field {
        path: path.to_owned(),
    })?;
    Ok(EventKind::Label(Box::new(LabelEvent {
        repository: repository(payload.repository),
        item: item(part, kind),
        label: label.name,
        sender: sender(payload.sender),
    })))
}

fn repository(part: RepositoryPart) -> Repository {
    Repository {
        id: part.id,
        owner: part.owner.login,
        name: part.name,
    }
}

fn item(part: IssuePart, kind: ItemKind) -> Item {
    Item {
        number: part.number,
        kind,
        title: part.title,
        body: part.body.unwrap_or_default(),
    }
}

/// Whatever is not plainly a person is treated as a bot, which may not ask for work.
fn sender(part: SenderPart) -> Sender {
    let kind = match part.kind.as_deref() {
        Some("User") => SenderKind::Person,
        Some(_) | None => SenderKind::Bot,
    };
    Sender {
        login: part.login,
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
