//! `release_job`: a daemon gives a step back, which is no loss.

use crate::{
    Effect, Node, Run, StepState,
    process::{Context, Next, UseCase},
};

/// `release_job`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReleaseJob {
    run: Run,
    node: Node,
    fence: u8,
    queued: bool,
}

impl ReleaseJob {
    /// Gives a step back.
    pub const fn new(run: Run, node: Node, fence: u8) -> Self {
        Self {
            run,
            node,
            fence,
            queued: false,
        }
    }

    /// The effect that comes next.
    pub const fn effect(&self) -> Effect {
        if self.queued {
            Effect::SendJob(self.node)
        } else {
            Effect::QueueStep
        }
    }

    /// Does it. The step stays due, so that it is found if it cannot be sent.
    pub fn go_on(self, at: &mut Context<'_>) -> Next {
        if self.queued {
            at.world.queues.send_job(self.run, self.node);
            return Next::Done;
        }
        let step = at.world.table.step_mut(self.run, self.node).as_mut();
        let held = |step: &&mut crate::Step| {
            step.fence == self.fence && matches!(step.state, StepState::Running { .. })
        };
        let Some(step) = step.filter(held) else {
            return Next::Done;
        };
        step.state = StepState::Queued;
        Next::Go(UseCase::ReleaseJob(Self {
            queued: true,
            ..self
        }))
    }
}
