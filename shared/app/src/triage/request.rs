//! What a person asks for, whatever way they asked.

use domain::{
    Actor, Command, Connection, EventKind, Item, ItemKind, Principal, Reply, Repository, Sender,
    Ticket, Trigger, clip,
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
            EventKind::Comment(event) => Some(Self {
                command: Command::in_comment(&event.body).command()?,
                trigger: Trigger::Comment(event.comment),
                ticket: ticket(event.repository, &event.item, connection),
                brief: brief(&event.item, Some(&event.body)),
                sender: event.sender,
            }),
            EventKind::Label(event) => Some(Self {
                command: Command::from_label(&event.label).command()?,
                trigger: Trigger::Label,
                ticket: ticket(event.repository, &event.item, connection),
                brief: brief(&event.item, None),
                sender: event.sender,
            }),
            EventKind::Other => None,
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

fn brief(item: &Item, request: Option<&str>) -> Brief {
    Brief {
        title: clip(&item.title, TITLE_LIMIT).to_owned(),
        body: clip(&item.body, TEXT_LIMIT).to_owned(),
        request: request.map(|request| clip(request, TEXT_LIMIT).to_owned()),
    }
}

fn ticket(repository: Repository, item: &Item, connection: &Connection) -> Ticket {
    Ticket {
        tenant: connection.tenant.clone(),
        provider: connection.provider,
        installation: connection.installation,
        repository,
        number: item.number,
        kind: item.kind,
    }
}
