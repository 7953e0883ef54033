//! What a decider answers.

use std::fmt;

use crate::Question;

/// The port to whoever decides. A decider knows no way to let something through by failing: what it cannot
/// decide it denies.
pub trait Decider: fmt::Debug + Send + Sync {
    /// Whether the person may.
    fn decide(&self, question: &Question<'_>) -> Decision;
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// They may.
    Allow(Reason),
    /// They may not.
    Deny(Denial),
}

/// Why it was decided so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The name of the rule that decided.
    pub rule: String,
    /// Why, in a few words; never contents of a delivery.
    pub words: String,
}

/// Why somebody may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// What it means to the one who asked.
    pub kind: DenialKind,
    /// Why.
    pub reason: Reason,
}

/// What a denial means to the one who asked. Of several that hold at once, the first one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DenialKind {
    /// It could not be decided, which is for an operator to mend.
    Undecided,
    /// Nobody may, as long as the repository's owner is not on the tenant's list.
    OwnerNotAllowed,
    /// The person may do too little at the provider, or it is not known what.
    PermissionTooLow,
}
