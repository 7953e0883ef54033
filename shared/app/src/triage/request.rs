//! What a person asks for, whatever way they asked.

use domain::{
    Actor, Command, CommentEvent, Connection, EventKind, Item, ItemKind, LabelEvent, Principal,
    Reply, Repository, Sender, Ticket, Trigger, clip,
};
use store::Brief;

/// A command and everything around it.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) command: Command,
    pub(super) trigger: Trigger,
    pub(super) sender: Sender,
    pub(super) ticket: Ticket,
    pub(super) brief: Brief,
}

impl Request {
    /// The request in an event, if there is one.
    pub(super) fn of(kind: EventKind, connection: &Connection) -> Option<Self> {
        match kind {
            EventKind::Comment(event) => {
                let CommentEvent {
                    repository,
                    item,
                    comment,
                    body,
                    sender,
                } = *event;
                let command = Command::in_comment(&body)?;
                let trigger = Trigger::Comment(comment);
                Some(Self::new(
                    command,
                    trigger,
                    sender,
                    repository,
                    item,
                    Some(body),
                    connection,
                ))
            }
            EventKind::Label(event) => {
                let LabelEvent {
                    repository,
                    item,
                    label,
                    sender,
                } = *event;
                let command = Command::from_label(&label)?;
                Some(Self::new(
                    command,
                    Trigger::Label,
                    sender,
                    repository,
                    item,
                    None,
                    connection,
                ))
            }
            EventKind::Other => None,
        }
    }

    fn new(
        command: Command,
        trigger: Trigger,
        sender: Sender,
        repository: Repository,
        item: Item,
        request: Option<String>,
        connection: &Connection,
    ) -> Self {
        let Item {
            number,
            kind,
            title,
            body,
        } = item;
        let ticket = Ticket {
            tenant: connection.tenant.clone(),
            provider: connection.provider,
            installation: connection.installation,
            repository,
            number,
            kind,
        };
        Self {
            command,
            trigger,
            sender,
            ticket,
            brief: brief(&title, &body, request.as_deref()),
        }
    }

    /// The person who asks.
    pub(super) fn actor(&self) -> Actor {
        let principal = Principal::Account {
            provider: self.ticket.provider,
            login: self.sender.login.clone(),
        };
        Actor {
            tenant: self.ticket.tenant.clone(),
            principal,
        }
    }

    /// Where to answer.
    pub(super) fn reply(&self) -> Reply {
        Reply {
            installation: self.ticket.installation,
            repository: self.ticket.repository.clone(),
            number: self.ticket.number,
            comment: match self.trigger {
                Trigger::Comment(comment) => Some(comment),
                Trigger::Label => None,
            },
        }
    }

    /// What the item is called in a trace.
    pub(super) fn target(&self) -> String {
        let kind = match self.ticket.kind {
            ItemKind::Issue => "issue",
            ItemKind::PullRequest => "pull request",
        };
        format!("{kind} {}#{}", self.ticket.repository, self.ticket.number)
    }
}

/// The most bytes of a text that are kept. Both texts together fit into an item of the table however badly
/// they compress, and a text of 65,536 letters, which is the most that GitHub takes, is kept whole.
const TEXT_LIMIT: usize = 128 * 1024;
/// The most bytes of a title that are kept.
const TITLE_LIMIT: usize = 1024;

fn brief(title: &str, body: &str, request: Option<&str>) -> Brief {
    Brief {
        title: clip(title, TITLE_LIMIT).to_owned(),
        body: clip(body, TEXT_LIMIT).to_owned(),
        request: request.map(|request| clip(request, TEXT_LIMIT).to_owned()),
    }
}
