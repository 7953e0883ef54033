//! What people are told.

use domain::{Marker, ProgressEvent, Refusal, Run};

/// What people are told, before it has words.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Telling<'a> {
    /// How a run is.
    Run {
        /// The run.
        run: &'a Run,
        /// Its newest progress, oldest first.
        progress: &'a [ProgressEvent],
        /// What the agent wrote, untrusted.
        findings: Option<&'a str>,
    },
    /// Why a request was refused.
    Refusal {
        /// Why.
        refusal: &'a Refusal,
        /// By what the answer is found again.
        marker: &'a Marker,
    },
}
