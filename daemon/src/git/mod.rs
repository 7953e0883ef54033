//! Git, by its own program, trusting nothing that an agent could have touched.
//!
//! The agent works in an ordinary clone and may do to its `.git` whatever it likes: nothing is ever read
//! from there again. What it changed is taken from the files it left, with a repository made afresh
//! after everything it started is gone ([`seal`]). The token travels in the environment of the one git process
//! that needs it, through a credential helper bound to the provider's address.

mod change;
mod clone;
mod program;
mod push;
mod seal;

pub(crate) use change::{ChangeError, Signature, take};
pub(crate) use clone::{Base, Source, clone};
pub(crate) use program::{Git, GitError};
pub(crate) use push::{PushError, push};
pub(crate) use seal::{Fresh, Sealed};
