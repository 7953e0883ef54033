//! What a person asks for, whatever way they asked.

use domain::{
    Asked, Cause, CodeTarget, Command, CommitSha, Connection, DeliveryId, InboundEvent, Item,
    ItemKind, NearMiss, Origin, Reply, Repository, RequestTime, Say, Sender, Subject, TraceId,
    Trigger, Vocabulary, clip,
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
    pub(crate) subject: Subject,
    pub(crate) target: CodeTarget,
    /// The newest commit of a pull request, where the delivery says it.
    pub(crate) head: Option<CommitSha>,
    pub(crate) brief: Brief,
}

impl Request {
    /// The request in an event, if there is one. Where the provider does not say when something happened, it
    /// was at `received`.
    pub(crate) fn of(
        event: InboundEvent,
        vocabulary: &Vocabulary,
        connection: &Connection,
        received: Timestamp,
    ) -> Option<Self> {
        let asked = |asked: Option<RequestTime>| asked.unwrap_or_else(|| RequestTime::of(received));
        match event {
            InboundEvent::Comment(event) => Some(Self {
                wanted: Wanted::of(event.text.asked(vocabulary))?,
                trigger: Trigger::Message(event.comment),
                asked: asked(event.asked),
                subject: subject(&event.repository, &event.item, connection),
                target: CodeTarget::new(connection.clone(), event.repository),
                brief: brief(&event.item, Some(&event.text.now)),
                head: event.item.head,
                sender: event.sender,
            }),
            InboundEvent::Text(event) => Some(Self {
                wanted: Wanted::of(event.text.asked(vocabulary))?,
                trigger: Trigger::Text,
                asked: asked(event.asked),
                subject: subject(&event.repository, &event.item, connection),
                target: CodeTarget::new(connection.clone(), event.repository),
                brief: brief(&event.item, None),
                head: event.item.head,
                sender: event.sender,
            }),
            InboundEvent::Label(event) => Some(Self {
                wanted: Wanted::of(vocabulary.in_label(&event.label))?,
                trigger: Trigger::Label,
                asked: asked(event.asked),
                subject: subject(&event.repository, &event.item, connection),
                target: CodeTarget::new(connection.clone(), event.repository),
                brief: brief(&event.item, None),
                head: event.item.head,
                sender: event.sender,
            }),
            InboundEvent::Other => None,
        }
    }

    /// What a run that it starts comes from: this request, brought by `delivery`.
    pub(crate) fn origin(&self, delivery: &DeliveryId, trace: &TraceId) -> Origin {
        let cause = Cause::Delivery {
            id: delivery.clone(),
            trigger: self.trigger,
        };
        let requester = self.sender.account.clone();
        Origin::new(cause, requester, self.asked, trace.clone())
    }

    /// Where to answer.
    pub(crate) fn reply(&self) -> Reply {
        Reply {
            subject: self.subject.clone(),
            message: self.trigger.message(),
            request: self.trigger.idempotency_key(&self.asked),
            asked_at: self.asked.at(),
            say: Say::Words,
        }
    }

    /// What the item is called in a trace.
    pub(crate) fn target(&self) -> String {
        let kind = match self.subject.kind() {
            ItemKind::Issue => "issue",
            ItemKind::PullRequest => "pull request",
        };
        format!("{kind} {}#{}", self.subject.place(), self.subject.item())
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

fn subject(repository: &Repository, item: &Item, connection: &Connection) -> Subject {
    Subject::new(connection.clone(), item.id, repository.place(), item.kind)
}
