//! The state of the model: the table, the queues, those who work, and what people see.

use crate::{
    Content, Conversation, DAEMONS, Delivery, Faults, Head, History, Node, NodeState, PROCESSES,
    Place, Queues, RUNS, Record, Request, Run, Step, StepState, Table, Text, Violation, Worker,
    process::Call,
};

/// Everything that there is at one time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// The table.
    pub table: Table,
    /// The queues and the stream.
    pub queues: Queues,
    /// What people see of each run.
    pub conversations: [Conversation; RUNS],
    /// Whether the deadline of a run has passed.
    pub expired: [bool; RUNS],
    /// What function instances do.
    pub processes: [Option<Call>; PROCESSES],
    /// What daemons do.
    pub daemons: [Worker; DAEMONS],
    /// What may still go wrong.
    pub faults: Faults,
    /// What has happened.
    pub history: History,
}

impl World {
    /// The beginning: all requests are in the queue.
    pub fn new(requests: &[Request], faults: Faults) -> Self {
        let mut queues = Queues::empty();
        for (delivery, _) in Delivery::all().zip(requests) {
            queues.put_delivery(delivery);
        }
        Self {
            table: Table::empty(),
            queues,
            conversations: [Conversation::default(); RUNS],
            expired: [false; RUNS],
            processes: [None; PROCESSES],
            daemons: [Worker::IDLE; DAEMONS],
            faults,
            history: History::empty(),
        }
    }

    /// Rings for the next request of the slot, if one waits.
    pub fn ring_next(&mut self) {
        self.queues.next = self.table.asks.contains(&true);
    }

    /// Notes that a daemon was given work.
    pub fn leased(&mut self, run: Run, node: Node, content: Content) {
        let head = self.table.head(run).filter(|head| head.end.is_none());
        let right = match head.map(|head| head.node(node)) {
            Some(NodeState::Waiting(named)) => named == content,
            // It was stopped just now.
            Some(NodeState::Closing(_)) => true,
            _ => false,
        };
        if !right {
            self.history.violated(Violation::WrongWork);
        }
        if self.history.halted[run.index()] {
            self.history.violated(Violation::StoppedBegan);
        }
    }

    /// Whether nobody is at work and no message waits.
    pub fn is_quiet(&self) -> bool {
        let Queues {
            deliveries,
            jobs,
            bells,
            next,
            records,
        } = &self.queues;
        let empty = deliveries
            .iter()
            .chain(jobs.iter().flatten())
            .all(|n| *n == 0)
            && !bells.iter().chain(records).any(|there| *there)
            && !next;
        let idle = |daemon: &Worker| *daemon == Worker::IDLE;
        empty && self.processes.iter().all(Option::is_none) && self.daemons.iter().all(idle)
    }

    /// Whether something has a due time.
    pub fn is_due(&self) -> bool {
        let heads = self.table.heads.iter().flatten();
        let steps = self.table.steps.iter().flatten().flatten();
        let mut lists = self.table.asks.iter().chain(&self.table.acts);
        heads.into_iter().any(|head| head.due)
            || steps.into_iter().any(|step| step.due)
            || lists.any(|listed| *listed)
    }

    /// Whether every run is over, no lease is held, and every request has been answered.
    pub fn is_done(&self, requests: &[Request]) -> bool {
        let over = |head: &Head| head.end.is_some();
        let held = |step: &Step| matches!(step.state, StepState::Running { .. });
        let answered = |(delivery, request): (Delivery, &Request)| match request {
            Request::Stop(_) => self.history.stopped[delivery.index()],
            Request::Start { key, .. } => {
                self.table.record(delivery) == Record::Refused
                    || self.table.runs().any(|(_, head)| head.key == *key)
            }
        };
        let steps = self.table.steps.iter().flatten().flatten();
        self.table.heads.iter().flatten().all(over)
            && !steps.into_iter().any(held)
            && !self.table.asks.contains(&true)
            && !self.table.acts.contains(&true)
            && Delivery::all().zip(requests).all(answered)
    }

    /// Whether every place shows the end of its run.
    pub fn is_told(&self) -> bool {
        self.table.runs().all(|(run, head)| {
            let shows = self.conversations[run.index()].shows;
            let told = self.table.places[run.index()].is_some_and(|Place { told, .. }| told);
            told && shows == head.end.map(Text::End)
        })
    }
}
