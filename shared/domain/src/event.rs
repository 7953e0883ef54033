//! The one shape that every provider's delivery is parsed to.

use serde::{Deserialize, Serialize};

use crate::{Asked, Command, CommentId, InstallationId, ItemNumber, Login, Repository};

/// A delivery's meaning, free of its provider's wire format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboundEvent {
    /// The installation the provider names, if any; repository hooks name none.
    pub installation: Option<InstallationId>,
    /// What happened.
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// Somebody wrote a comment.
    Comment(Box<CommentEvent>),
    /// Somebody put a label on an item.
    Label(Box<LabelEvent>),
    /// Something that never starts work. New kinds appear at providers all the time.
    Other,
}

impl EventKind {
    /// Whether it can ask for nothing, and nobody could want to know why nothing came of it: something that
    /// never starts work, a bot's comment that asks for nothing, such as the echo of Switchyard's own, or a label
    /// that is no command. What a person writes is never among it.
    pub fn asks_for_nothing(&self) -> bool {
        match self {
            Self::Other => true,
            Self::Comment(event) => {
                event.sender.kind == SenderKind::Bot
                    && Command::in_comment(&event.body) == Asked::Nothing
            }
            Self::Label(event) => Command::from_label(&event.label) == Asked::Nothing,
        }
    }
}

/// A comment that was just written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentEvent {
    /// Where.
    pub repository: Repository,
    /// Under which issue or pull request.
    pub item: Item,
    /// The comment's own number.
    pub comment: CommentId,
    /// Its text as it was when the event happened; later edits are not read.
    pub body: String,
    /// Who wrote it.
    pub sender: Sender,
}

/// A label that was just put on an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelEvent {
    /// Where.
    pub repository: Repository,
    /// On which issue or pull request.
    pub item: Item,
    /// The label's name.
    pub label: String,
    /// Who put it there.
    pub sender: Sender,
}

/// An issue or pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its number in the repository.
    pub number: ItemNumber,
    /// Which of the two it is.
    pub kind: ItemKind,
    /// Its title, untrusted.
    pub title: String,
    /// Its text, untrusted.
    pub body: String,
}

/// Whether an item is an issue or a pull request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// An issue.
    Issue,
    /// A pull request.
    PullRequest,
}

/// The account behind an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// Its login.
    pub login: Login,
    /// What sort of account it is.
    pub kind: SenderKind,
}

/// What sort of account is behind an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SenderKind {
    /// A person.
    Person,
    /// A bot or an app, Switchyard's own included.
    Bot,
}
