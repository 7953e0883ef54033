//! What goes wrong, and how often it may in one scenario.

use std::fmt;

use serde::Serialize;

use crate::{Actor, Delivery, Node, Run};

/// How many faults of each kind there are at most. All the rest of a scenario happens in every order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Faults {
    /// Processes or daemons that die, with all that they knew.
    pub crashes: u8,
    /// Messages of jobs that vanish.
    pub lost_jobs: u8,
    /// Messages of jobs that come twice.
    pub double_jobs: u8,
    /// Bells that vanish.
    pub lost_bells: u8,
    /// Bells that come twice, at any later time.
    pub double_bells: u8,
    /// Deliveries that come twice, at any later time.
    pub double_deliveries: u8,
    /// Change records that come twice, at any later time.
    pub double_records: u8,
    /// Leases that run out although their holders are at work.
    pub slow_daemons: u8,
    /// Runs whose deadline passes.
    pub deadlines: u8,
    /// Jobs that daemons give back.
    pub given_back: u8,
    /// Definitions that are archived.
    pub archived: u8,
}

impl Faults {
    /// Nothing goes wrong.
    pub const NONE: Self = Self {
        crashes: 0,
        lost_jobs: 0,
        double_jobs: 0,
        lost_bells: 0,
        double_bells: 0,
        double_deliveries: 0,
        double_records: 0,
        slow_daemons: 0,
        deadlines: 0,
        given_back: 0,
        archived: 0,
    };
}

/// Something that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// An actor dies. The message or record that it had comes again; what it knew is gone.
    Crash(Actor),
    /// A job's message vanishes.
    LoseJob(Run, Node),
    /// A job's message comes twice.
    DoubleJob(Run, Node),
    /// A bell vanishes.
    LoseBell(Run),
    /// A bell comes again.
    DoubleBell(Run),
    /// The bell of the slot vanishes.
    LoseNext,
    /// A delivery that has been dealt with comes again.
    DoubleDelivery(Delivery),
    /// A change record comes again.
    DoubleRecord(Run),
    /// A lease runs out although its holder is at work.
    SlowDaemon(Run, Node),
    /// A run's deadline passes.
    DeadlinePasses(Run),
    /// The definition is archived.
    Archive,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Crash(actor) => write!(f, "{actor} crashes"),
            Self::LoseJob(run, node) => write!(f, "the job of {node} of {run} is lost"),
            Self::DoubleJob(run, node) => write!(f, "the job of {node} of {run} is doubled"),
            Self::LoseBell(run) => write!(f, "the bell of {run} is lost"),
            Self::DoubleBell(run) => write!(f, "the bell of {run} comes again"),
            Self::LoseNext => f.write_str("the bell of the slot is lost"),
            Self::DoubleDelivery(delivery) => write!(f, "{delivery} comes again"),
            Self::DoubleRecord(run) => write!(f, "a change record of {run} comes again"),
            Self::SlowDaemon(run, node) => {
                write!(f, "the lease on {node} of {run} runs out under its holder")
            }
            Self::DeadlinePasses(run) => write!(f, "the deadline of {run} passes"),
            Self::Archive => f.write_str("the definition is archived"),
        }
    }
}
