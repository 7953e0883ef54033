//! Permission as a value.
//!
//! A use case that a person can ask for takes an [`Allowed`] of its action, and reads from it who asked, for
//! which tenant and about what. Only [`Gate::ask`] makes one, out of a [`Decider`]'s answer, so that a use case
//! that nobody checked does not compile:
//!
//! ```
//! use policy::{Allowed, Gate, Person, Resource, StopRuns};
//!
//! fn stop_runs(allowed: &Allowed<StopRuns>) -> String {
//!     format!("{} stops {}", allowed.person().account(), allowed.subject().id())
//! }
//!
//! fn checked(gate: &Gate, ada: Person, resource: Resource<'_>) -> Option<String> {
//!     let allowed = gate.ask(StopRuns, ada, resource).ok()?;
//!     Some(stop_runs(&allowed))
//! }
//! ```
//!
//! The action alone is not enough:
//!
//! ```compile_fail,E0308
//! use policy::{Allowed, StopRuns};
//!
//! fn stop_runs(allowed: &Allowed<StopRuns>) {}
//!
//! stop_runs(&StopRuns);
//! ```
//!
//! Permission for one action is none for another:
//!
//! ```compile_fail,E0308
//! use policy::{Allowed, StartRun, StopRuns};
//!
//! fn start_run(allowed: &Allowed<StartRun>) {}
//!
//! fn after(stop: &Allowed<StopRuns>) {
//!     start_run(stop);
//! }
//! ```
//!
//! Nor can one be put together elsewhere, or be changed to be about something else:
//!
//! ```compile_fail,E0451
//! use policy::{Allowed, Person, Reason, StopRuns};
//!
//! fn forge(
//!     person: Person,
//!     subject: domain::Subject,
//!     target: domain::CodeTarget,
//!     reason: Reason,
//! ) -> Allowed<StopRuns> {
//!     Allowed { action: StopRuns, person, subject, target, reason }
//! }
//! ```
//!
//! ```compile_fail,E0616
//! use policy::{Allowed, StopRuns};
//!
//! fn redirect(mut allowed: Allowed<StopRuns>, other: domain::Subject) -> Allowed<StopRuns> {
//!     allowed.subject = other;
//!     allowed
//! }
//! ```
//!
//! Nobody else can name new actions:
//!
//! ```compile_fail,E0277
//! #[derive(Clone, Copy, Debug)]
//! struct DropEverything;
//!
//! impl policy::Action for DropEverything {
//!     fn kind(&self) -> policy::ActionKind {
//!         policy::ActionKind::StopRuns
//!     }
//! }
//! ```

mod action;
mod decision;
mod gate;
mod person;
mod question;
mod tick;

pub use action::{Action, ActionKind, GetHelp, StartRun, StopRuns};
pub use decision::{Decider, Decision, Denial, DenialKind, Reason};
pub use gate::{Allowed, Gate};
pub use person::Person;
pub use question::{Question, Resource};
pub use tick::Tick;
