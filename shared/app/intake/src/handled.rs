//! What came of a request.

use domain::{Delivery, TraceStep, Verdict};

/// What came of a request.
#[derive(Debug)]
pub(crate) enum Handled {
    /// It has this verdict, which is still to be put on record, with the decisions that led to it.
    Verdict(Verdict, Vec<TraceStep>),
    /// This is on record, and done.
    Recorded(Box<Delivery>),
    /// What was on record before is done.
    Resumed(Box<Delivery>),
    /// Another one deals with the delivery at the same time.
    Raced,
}
