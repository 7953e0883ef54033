//! What runs execute: definitions, the plans made of them, and what becomes of a run when something happens. Pure: it
//! decides, and does no input or output; time and chance are arguments.
//!
//! A definition is a graph of typed nodes in YAML or JSON ([`Plan::read`]). [`registry`] tells every kind of node. A run's
//! [`State`] changes by [`advance`] alone, which says what is to be done as [`Effect`]s.
//!
//! Definitions of one task that every deployment has are written in `definitions/` and compiled in ([`built_in`]).

mod advance;
mod catalogue;
mod draw;
mod evaluate;
mod event;
mod fault;
mod open;
mod path;
mod plan;
mod redrive;
mod reference;
pub mod registry;
mod retry;
mod schema;
mod source;
mod state;
mod trigger;
mod turn;
mod walk;
mod written;

pub use advance::advance;
pub use catalogue::{Catalogue, Definition, built_in};
pub use draw::{draw, statuses};
pub use evaluate::{Computed, Given, Missing, OutputKey, Outputs, Part, evaluate, run_result};
pub use event::{Effect, Evaluation, Event, Order, Purpose, StepOutcome};
pub use fault::{Fault, Faults};
pub use open::{Open, OpenItems, Waiting, open};
pub use path::{Iteration, Path, PathError, Step, StepKey};
pub use plan::{Attached, NodePlan, Plan, SEMANTICS, ScopePlan};
pub use redrive::{Redriven, redrive};
pub use reference::reference;
pub use retry::{Catcher, Jitter, NodeError, Retrier, matches, names};
pub use schema::json_schema;
pub use source::{SourceError, WhenBusy};
pub use state::{Bits, Control, Ended, Reason, State, Status, Stop};
pub use trigger::Happening;
pub use turn::{Budget, Facts, Rest, Turn, take_turn};
pub use written::{Concurrency, OnConflict, OnFailure};
