//! `finish_job`: closes a step under its lease, and advances the run.

use crate::{
    AdvanceRun, Effect, Flaw, Node, Outcome, Run, StepState, Violation,
    process::{Context, Next, UseCase},
};

/// `finish_job`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FinishJob {
    run: Run,
    node: Node,
    fence: u8,
    outcome: Outcome,
}

impl FinishJob {
    /// Says how a step went.
    pub const fn new(run: Run, node: Node, fence: u8, outcome: Outcome) -> Self {
        Self {
            run,
            node,
            fence,
            outcome,
        }
    }

    /// The effect that comes next.
    pub const fn effect(&self) -> Effect {
        Effect::FinishStep
    }

    /// Does it. The same end told again goes on where it stopped.
    pub fn go_on(self, at: &mut Context<'_>) -> Next {
        let unfenced = at.protocol.lacks(Flaw::FinishUnfenced);
        let keeps_due = !at.protocol.lacks(Flaw::ClosingRemovesDue);
        let Some(step) = at.world.table.step_mut(self.run, self.node) else {
            return Next::Done;
        };
        let holds = step.fence == self.fence;
        match step.state {
            StepState::Running { .. } if holds || unfenced => {
                step.state = StepState::Closed(self.outcome);
                step.due &= keeps_due;
                if !holds {
                    at.world.history.violated(Violation::StaleLeaseUsed);
                }
            }
            StepState::Closed(outcome) if holds && outcome == self.outcome => {}
            StepState::Queued | StepState::Running { .. } | StepState::Closed(_) => {
                return Next::Done;
            }
        }
        Next::Go(UseCase::AdvanceRun(AdvanceRun::own(self.run, self.node)))
    }
}
