//! Why there is no commit.

use super::GitError;
use crate::change::Refusal;

/// Taking the change failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeError {
    /// There is none.
    #[error("nothing was changed")]
    Nothing,
    /// It is not one that an agent may make, nor is any part of it.
    #[error("the change is refused")]
    Refused(Vec<Refusal>),
    /// What is refused is no part of it.
    #[error("what is refused is not in the change")]
    Elsewhere(Vec<Refusal>),
    /// The files cannot be taken as they are.
    #[error(transparent)]
    Git(#[from] GitError),
}
