//! The run protocol as a small model.

mod action;
mod daemon;
mod delivery;
mod effect;
mod enabled;
mod faults;
mod flaw;
mod head;
mod history;
mod names;
mod parse;
mod place;
mod plan;
mod process;
mod properties;
mod protocol;
mod queues;
mod report;
mod scenarios;
mod settle;
mod step;
mod strike;
mod table;
mod trace;
mod use_cases;
mod walk;
mod world;

pub use action::{Action, Trigger};
pub use daemon::{Work, Worker};
pub use delivery::{Record, Request};
pub use effect::Effect;
pub use faults::{Fault, Faults};
pub use flaw::{Flaw, Flaws};
pub use head::{Content, Control, Head, NodeState, Outcome};
pub use history::{History, Violation};
pub use names::{
    Actor, Asked, DAEMONS, DELIVERIES, Daemon, Delivery, NODES, Node, Nodes, PROCESSES, Process,
    RUNS, Run,
};
pub use parse::NotUnderstood;
pub use place::{Conversation, Place, Poster, Text};
pub use plan::Plan;
pub use process::{Call, Context, Next, UseCase};
pub use properties::{is_at_rest, is_good, properties};
pub use protocol::{Busy, Looks, Protocol, Relay};
pub use queues::Queues;
pub use report::{Report, THREADS};
pub use scenarios::{Scenario, scenarios, small, to_replay};
pub use settle::{Settling, settle};
pub use step::{Step, StepState};
pub use table::{Item, Table};
pub use trace::{Trace, TraceStep, as_lines, traces};
pub use use_cases::{
    AdvanceRun, ClaimJob, FinishJob, ReleaseJob, ResendJob, StartRun, StopRun, TellPlace,
};
pub use world::World;
