//! Deploys the template to an emulator of AWS, with the functions as they are built for Lambda, and proves its wiring.
//!
//! Where `infra/local` puts the functions into one process and stands in for what AWS does around them, nothing of
//! that is used here: SAM deploys the very template, and an emulator that somebody else wrote runs the bootstraps,
//! calls them as queues, stream, schedule and URLs say, and judges every call by the policies of the caller's role.
//! GitHub is simulated, and the daemon is a process of its own.
//!
//! [`run`] tells every wire as it is proved, and at last all of them as a table, together with those that no emulator
//! can prove.

mod account;
mod address;
mod arguments;
mod board;
mod caller;
mod certificate;
mod check;
mod emulator;
mod front;
mod group;
mod iam;
mod patience;
mod people;
mod program;
mod proof;
mod ready;
mod sam;
mod stage;
mod state;
mod worker;

pub use arguments::Arguments;
pub use program::run;
