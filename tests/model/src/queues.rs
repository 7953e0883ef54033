//! The queues, whose messages may be lost, doubled and late, and the table's stream.

use serde::Serialize;

use crate::{DELIVERIES, Delivery, NODES, Node, RUNS, Run, Trigger};

/// How many copies of a message there are at most.
const COPIES: u8 = 2;

/// What is in the queues and in the stream. Messages have no order, and say only what to look at.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Queues {
    /// Deliveries that nobody has taken.
    pub deliveries: [u8; DELIVERIES],
    /// Jobs that no daemon has taken, by run and node.
    pub jobs: [[u8; NODES]; RUNS],
    /// Bells: look at this run.
    pub bells: [bool; RUNS],
    /// The bell of the slot: look who waits for it.
    pub next: bool,
    /// Change records of a run's items that `relay` has not handled. Records of one item come in order, those of different
    /// items in any; since `relay` reads everything anew, all that counts is that there is one.
    pub records: [bool; RUNS],
}

impl Queues {
    /// Queues with nothing in them.
    pub const fn empty() -> Self {
        Self {
            deliveries: [0; DELIVERIES],
            jobs: [[0; NODES]; RUNS],
            bells: [false; RUNS],
            next: false,
            records: [false; RUNS],
        }
    }

    /// Puts a delivery in.
    pub fn put_delivery(&mut self, delivery: Delivery) {
        let copies = &mut self.deliveries[delivery.index()];
        *copies = (*copies + 1).min(COPIES);
    }

    /// Takes a delivery out.
    pub fn take_delivery(&mut self, delivery: Delivery) {
        self.deliveries[delivery.index()] -= 1;
    }

    /// What was not dealt with comes again.
    pub fn put_back(&mut self, trigger: Trigger) {
        match trigger {
            Trigger::Delivery(delivery) => self.put_delivery(delivery),
            Trigger::Bell(run) => self.bells[run.index()] = true,
            Trigger::Next(_) => self.next = true,
            Trigger::Record(run) => self.records[run.index()] = true,
            Trigger::StepDue(..) | Trigger::AskDue(_) | Trigger::Worker => {}
        }
    }

    /// Sends a job. If it is in the queue, sending it again makes no difference that a doubled message does not make.
    pub fn send_job(&mut self, run: Run, node: Node) {
        let copies = &mut self.jobs[run.index()][node.index()];
        *copies = (*copies).max(1);
    }

    /// Puts one more copy of a job in.
    pub fn put_job(&mut self, run: Run, node: Node) {
        let copies = &mut self.jobs[run.index()][node.index()];
        *copies = (*copies + 1).min(COPIES);
    }

    /// How many copies of a job there are.
    pub fn jobs(&self, run: Run, node: Node) -> u8 {
        self.jobs[run.index()][node.index()]
    }

    /// Takes a job out.
    pub fn take_job(&mut self, run: Run, node: Node) {
        self.jobs[run.index()][node.index()] -= 1;
    }
}
