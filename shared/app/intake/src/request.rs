//! What a person asks for, whatever way they asked.

use domain::{
    Asked, Command, CommitSha, Connection, DeliveryKey, EventKind, Item, ItemKind, NearMiss,
    Origin, Reply, Repository, RequestTime, Say, Sender, Ticket, TraceId, Trigger, Vocabulary,
    clip,
};
use jiff::Timestamp;
use store::Brief;

/// What somebody wants.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted {
    /// A command.
    Command(Command),
    /// Something that was meant as one.
    NearMiss(NearMiss),
}

impl Wanted {
    fn of(asked: Asked) -> Option<Self> {
        match asked {
            Asked::Command(command) => Some(Self::Command(command)),
            Asked::NearMiss(miss) => Some(Self::NearMiss(miss)),
            Asked::Nothing => None,
        }
    }
}

/// A command, or what was meant as one, and everything around it.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) wanted: Wanted,
    pub(crate) trigger: Trigger,
    pub(crate) asked: RequestTime,
    pub(crate) sender: Sender,
    pub(crate) ticket: Ticket,
    /// The newest commit of a pull request, where the delivery says it.
    pub(crate) head: Option<CommitSha>,
    pub(crate) brief: Brief,
}

impl Request {
    /// The request in an event, if there is one. Where the provider does not say when something happened, it
    /// was at `received`.
    pub(crate) fn of(
        kind: EventKind,
        vocabulary: &Vocabulary,
        connection: &Connection,
        received: Timestamp,
    ) -> Option<Self> {
        let asked = |asked: Option<RequestTime>| asked.unwrap_or_else(|| RequestTime::of(received));
        match kind {
            EventKind::Comment(event) => Some(Self {
                wanted: Wanted::of(event.text.asked(vocabulary))?,
                trigger: Trigger::Comment(event.comment),
                asked: asked(event.asked),
                ticket: ticket(event.repository, &event.item, connection),
                brief: brief(&event.item, Some(&event.text.now)),
                head: event.item.head,
                sender: event.sender,
            }),
            EventKind::Text(event) => Some(Self {
                wanted: Wanted::of(event.text.asked(vocabulary))?,
                trigger: Trigger::Text,
                asked: asked(event.asked),
                ticket: ticket(event.repository, &event.item, connection),
                brief: brief(&event.item, None),
                head: event.item.head,
                sender: event.sender,
            }),
            EventKind::Label(event) => Some(Self {
                wanted: Wanted::of(vocabulary.in_label(&event.label))?,
                trigger: Trigger::Label,
                asked: asked(event.asked),
                ticket: ticket(event.repository, &event.item, connection),
                brief: brief(&event.item, None),
                head: event.item.head,
                sender: event.sender,
            }),
            EventKind::Other => None,
        }
    }

    /// What a run that it starts comes from: this request, brought by `delivery`.
    pub(crate) fn origin(&self, delivery: &DeliveryKey, trace: &TraceId) -> Origin {
        Origin {
            delivery: delivery.clone(),
            requester: self.sender.login.clone(),
            trigger: self.trigger,
            asked: self.asked,
            trace: trace.clone(),
        }
    }

    /// Where to answer.
    pub(crate) fn reply(&self) -> Reply {
        Reply {
            installation: self.ticket.installation,
            repository: self.ticket.repository.clone(),
            number: self.ticket.number,
            comment: match self.trigger {
                Trigger::Comment(comment) => Some(comment),
                Trigger::Label | Trigger::Text => None,
            },
            say: Say::Words,
        }
    }

    /// What the item is called in a trace.
    pub(crate) fn target(&self) -> String {
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
