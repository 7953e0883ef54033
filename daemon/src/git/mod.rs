//! Git, by its own program, trusting nothing that an agent could have touched.
//!
//! The agent works in an ordinary clone and may do to its `.git` whatever it likes: nothing is ever read
//! from there again. What it changed is taken from the files it left, with a repository made afresh
//! after everything it started is gone ([`seal`]). The token goes by a descriptor to the one git process that needs
//! it, for a credential helper bound to the provider's address, and is nowhere in an environment or an argument.
//! What git complains of becomes a decision in [`verdict`].

mod attributes;
mod bot;
mod change;
mod change_error;
mod clone;
mod complaint;
mod lfs;
mod moved;
mod newest;
mod program;
mod push;
mod seal;
mod taking;
mod tree;
mod untouched;
mod verdict;

pub(crate) use bot::Bot;
pub(crate) use change::{Signature, Taken, leave_out, take};
pub(crate) use change_error::ChangeError;
pub use clone::History;
pub(crate) use clone::{Base, CloneError, Source, clone};
pub(crate) use newest::{MoveError, onto_newest};
pub(crate) use program::{Git, GitError};
pub(crate) use push::{Push, PushError, TRAILER, push};
pub(crate) use seal::{Fresh, Sealed};
pub(crate) use verdict::Verdict;
