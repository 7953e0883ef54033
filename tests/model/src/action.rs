//! What can happen next.

use std::fmt;

use serde::Serialize;

use crate::{Actor, Daemon, Delivery, Effect, Fault, Node, Process, Run};

/// What makes a process begin a use case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// `triage` receives a delivery.
    Delivery(Delivery),
    /// `conductor` receives a bell.
    Bell(Run),
    /// `triage` receives the bell of the slot, for the request that has waited for longest.
    Next(Delivery),
    /// `relay` receives a change record.
    Record(Run),
    /// `scheduler` finds a step due.
    StepDue(Run, Node),
    /// `scheduler` finds a waiting request due.
    AskDue(Delivery),
    /// The worker API is called.
    Worker,
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delivery(delivery) => write!(f, "receives {delivery}"),
            Self::Bell(run) => write!(f, "receives the bell of {run}"),
            Self::Next(delivery) => write!(f, "receives the bell of the slot for {delivery}"),
            Self::Record(run) => write!(f, "receives a change record of {run}"),
            Self::StepDue(run, node) => write!(f, "finds {node} of {run} due"),
            Self::AskDue(delivery) => write!(f, "finds the request of {delivery} due"),
            Self::Worker => f.write_str("is called"),
        }
    }
}

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// A free process begins a use case with its first effect.
    Begin {
        /// The process.
        process: Process,
        /// What for.
        trigger: Trigger,
    },
    /// An actor goes on by one effect.
    Do {
        /// The actor.
        actor: Actor,
        /// The effect.
        effect: Effect,
    },
    /// `scheduler` finds a head due and rings for it, or offers its end to the stream again.
    LookAtHead(Run),
    /// `scheduler` finds due what lists a run as unfinished, and deletes it if the run is over.
    LookAtAct(Run),
    /// A daemon receives a job and claims it.
    ReceiveJob {
        /// The daemon.
        daemon: Daemon,
        /// The run.
        run: Run,
        /// The node.
        node: Node,
    },
    /// A daemon hears that it should stop.
    Heartbeat(Daemon),
    /// A daemon has done its work and says so.
    FinishJob(Daemon),
    /// A daemon gives its job back.
    GiveBackJob(Daemon),
    /// The lease of a holder that is gone runs out.
    LeaseRunsOut(Run, Node),
    /// The minute of a poster that is gone is over.
    PosterLapses(Run),
    /// Something goes wrong.
    Fault(Fault),
}

impl Action {
    /// Whether things get on by it, as opposed to going wrong.
    pub const fn is_fair(&self) -> bool {
        !matches!(self, Self::Fault(_) | Self::GiveBackJob(_))
    }
}

impl Action {
    /// What kind of action it is: what it says without who, and of what.
    pub fn kind(&self) -> String {
        let words = self.to_string();
        words.replace(|letter: char| letter.is_ascii_digit(), "")
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begin { process, trigger } => write!(f, "{process} {trigger}"),
            Self::Do { actor, effect } => write!(f, "{actor} {effect}"),
            Self::LookAtHead(run) => write!(f, "the scheduler finds {run} due"),
            Self::LookAtAct(run) => write!(f, "the scheduler finds the listing of {run} due"),
            Self::ReceiveJob { daemon, run, node } => {
                write!(f, "{daemon} receives the job of {node} of {run}")
            }
            Self::Heartbeat(daemon) => write!(f, "{daemon} hears that it should stop"),
            Self::FinishJob(daemon) => write!(f, "{daemon} says that it has finished"),
            Self::GiveBackJob(daemon) => write!(f, "{daemon} gives its job back"),
            Self::LeaseRunsOut(run, node) => write!(f, "the lease on {node} of {run} runs out"),
            Self::PosterLapses(run) => write!(f, "the minute of the poster of {run} is over"),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}
