//! `claim_job`: gives a daemon a lease, if the head names the step and is not to end.

use crate::{
    AdvanceRun, Effect, Flaw, Node, NodeState, Outcome, Run, StepState, Violation,
    process::{Context, Next, UseCase},
};

/// `claim_job`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClaimJob {
    run: Run,
    node: Node,
    at: At,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    ReadHead,
    /// Whether the head spoke against it.
    TakeLease {
        unwanted: bool,
    },
}

impl ClaimJob {
    /// Claims a step.
    pub const fn new(run: Run, node: Node) -> Self {
        Self {
            run,
            node,
            at: At::ReadHead,
        }
    }

    /// The effect that comes next.
    pub const fn effect(&self) -> Effect {
        match self.at {
            At::ReadHead => Effect::ReadHead,
            At::TakeLease { .. } => Effect::TakeLease,
        }
    }

    /// Does it.
    pub fn go_on(self, at: &mut Context<'_>) -> Next {
        match self.at {
            At::ReadHead => self.read_head(at),
            At::TakeLease { unwanted } => self.take_lease(unwanted, at),
        }
    }

    fn read_head(self, at: &Context<'_>) -> Next {
        let world = &at.world;
        let wanted = world.table.head(self.run).is_some_and(|head| {
            let waits = matches!(head.node(self.node), NodeState::Waiting(_));
            waits && head.control.is_none() && !world.expired[self.run.index()]
        });
        if wanted || at.protocol.lacks(Flaw::ClaimWithoutHead) {
            Next::Go(UseCase::ClaimJob(Self {
                at: At::TakeLease { unwanted: !wanted },
                ..self
            }))
        } else {
            Next::Done
        }
    }

    /// One compare-and-swap. A step that is over makes its run advance: whoever closed it may be gone.
    fn take_lease(self, unwanted: bool, at: &mut Context<'_>) -> Next {
        let limit = at.protocol.losses;
        let Some(step) = at.world.table.step_mut(self.run, self.node) else {
            return Next::Done;
        };
        match step.state {
            StepState::Closed(_) => return self.advance(),
            StepState::Running { lapsed: false } => return Next::Done,
            StepState::Running { lapsed: true } if step.losses + 1 >= limit => {
                step.state = StepState::Closed(Outcome::WorkerLost);
                return self.advance();
            }
            StepState::Running { lapsed: true } => step.losses += 1,
            StepState::Queued => {}
        }
        step.fence += 1;
        step.state = StepState::Running { lapsed: false };
        let (fence, content) = (step.fence, step.content);
        at.world.leased(self.run, self.node, content);
        if unwanted {
            at.world.history.violated(Violation::StoppedBegan);
        }
        at.record(self.run);
        Next::Granted { fence, content }
    }

    fn advance(self) -> Next {
        Next::Go(UseCase::AdvanceRun(AdvanceRun::own(self.run, self.node)))
    }
}
