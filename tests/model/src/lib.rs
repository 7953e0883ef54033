//! The run protocol as a small model, checked exhaustively with [`stateright`]: the specification of how a run is started,
//! advanced, claimed, finished, stopped and told. The use cases and their effects have the names that the code has.
//!
//! ```text
//!   deliveries --> start_run   stop_run                 scheduler looks at what is due, at any time:
//!                     |           |                     steps (resend_job), heads, waiting requests, listings
//!                     v           v                        |
//!                   +---------- table -----------+         |          names are those of the items
//!                   | RUN  head: state, control  | <-------+
//!                   | STP  steps, with due times |
//!                   | TRK  places    HLT  stop   | ------- records ---> tell_place --> comment
//!                   | ASK  waiting   ACT  listed |
//!                   | delivery records           |
//!                   +----------------------------+
//!                     ^           ^        ^
//!                     |           |        +--- claim_job, finish_job, release_job <--- daemons
//!      bells --> advance_run: load, fold, (read HLT), prepare, COMMIT, release, remove due times       ^
//!                     |                                                                                |
//!                     +------------------------------- jobs -------------------------------------------+
//! ```
//!
//! # What is modelled
//!
//! A use case is a sequence of atomic effects ([`Effect`]): one read, conditional write, message or post each. Between any two
//! of one actor others may act, and the actor may die: what it knew is gone, what it was begun for comes again (a message, a
//! record) or is found by a due time. Reads that a fold makes are one effect, since what they look for never changes back.
//!
//! There is no clock. A due time is there or not, and the scheduler may find what is due at any time; a lease or a poster's
//! minute may run out once its holder is gone, and by a fault before. So nothing rests on how long anything takes, but for
//! one thing: a post does not arrive after its poster's minute (a function's time is shorter than that). Messages may be lost;
//! deliveries and change records are not, they come again until they are dealt with.
//!
//! Four rules go beyond the plain order of the effects, and nothing holds without them (see [`Flaw`]):
//!
//! - The head is put before any of its steps is prepared, unbegun and due; whoever moves a run on from there reads `HLT` first,
//!   not only the one who put it.
//! - The delivery's record alone names the place, also of a request that waited (`ASK`), and a record that names one is not
//!   refused any more; a request is compared with the runs of the slot that are over too.
//! - Whoever wants a run to end is not done before that is committed, or the run is over: a bell does not carry a wish.
//! - The end is posted again for a record that comes after it was told, since its handler may be the heir of one that died after
//!   it posted something older.
//!
//! # Bounds
//!
//! At most [`RUNS`] runs in the slot, [`DELIVERIES`] deliveries, plans of [`NODES`] nodes, [`PROCESSES`] use cases at once beside
//! those that [`DAEMONS`] daemons call, one place a run, one attempt a node, two copies of a message, two lost commits before an
//! advance is left to its bell, and as many faults of each kind as [`Faults`] says. Each scenario says what it uses of that.
//!
//! Left out: approvals, timers, replies and child runs (they are items like steps), pause, history and outputs, retention,
//! dead letters, answers to refused deliveries.
//!
//! # What is checked
//!
//! [`properties()`] hold in every world; [`settle()`] finds out whether from every world a good end is reached without further
//! faults. Scenarios without a scheduler show the same without any due time, as long as nothing goes wrong. Every rule that can
//! be left out has a test which shows that something notices. [`traces()`] are ways through the model, with the items that each
//! step changes, for a test that goes them with the real store.
//!
//! `cargo run -p switchyard-model` checks all scenarios and prints how large they are; after `try` it checks one in words, such
//! as `try told start=1/1 stop=2 crashes=1 without=HaltNotRead`.

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
pub use protocol::{Busy, Key, Looks, Protocol, Relay};
pub use queues::Queues;
pub use report::{COMES_TO_REST, Report, THREADS, counterexample};
pub use scenarios::{Scenario, scenarios, small, to_replay};
pub use settle::{Settling, settle};
pub use step::{Step, StepState};
pub use table::{Item, Table};
pub use trace::{Trace, TraceStep, as_lines, traces};
pub use use_cases::{
    AdvanceRun, ClaimJob, FinishJob, ReleaseJob, ResendJob, StartRun, StopRun, TellPlace,
};
pub use world::World;
