//! The end of a step, as its holder tells it.

use jiff::Timestamp;

use super::{FinishRefused, LeaseRefused, StepAttempt, StepState};
use crate::{End, Fence, Finished};

/// What became of an end that was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepFinished {
    /// It is over once this is written.
    Now(StepAttempt),
    /// This very end is on record: its answer was lost.
    Before(StepAttempt),
}

impl StepAttempt {
    /// Ends it under `fence`, once.
    pub fn finish(
        self,
        fence: Fence,
        end: End,
        now: Timestamp,
    ) -> Result<StepFinished, FinishRefused> {
        if let StepState::Closed(finished) = &self.state
            && finished.fence == fence
            && finished.outcome == end.outcome
        {
            return Ok(StepFinished::Before(self));
        }
        let lease = self.lease(fence).map_err(|refused| match refused {
            LeaseRefused::Stale => FinishRefused::Stale,
            LeaseRefused::Finished => FinishRefused::Finished,
        })?;
        let finished = Finished {
            at: now,
            started_at: Some(lease.claimed_at),
            fence,
            outcome: end.outcome,
            spent: end.spent,
            revision: end.revision,
        };
        let state = StepState::Closed(Box::new(finished));
        Ok(StepFinished::Now(Self { state, ..self }))
    }
}
