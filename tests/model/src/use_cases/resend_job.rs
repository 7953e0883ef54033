//! `resend_job`: what the scheduler does with a step that is due.

use crate::{
    Effect, Flaw, Node, NodeState, Outcome, Run, Step, StepState,
    process::{Context, Next, UseCase},
};

/// `resend_job`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ResendJob {
    run: Run,
    node: Node,
    at: At,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    ReadStep,
    Send,
    Ring,
    /// As it was read.
    Clear(Step),
    GiveUp(Step),
}

impl ResendJob {
    /// Looks at a step that is due.
    pub const fn new(run: Run, node: Node) -> Self {
        Self {
            run,
            node,
            at: At::ReadStep,
        }
    }

    /// The effect that comes next.
    pub const fn effect(&self) -> Effect {
        match self.at {
            At::ReadStep => Effect::ReadStep,
            At::Send => Effect::SendJob(self.node),
            At::Ring => Effect::RingRun,
            At::Clear(_) => Effect::ClearUnnamedDue,
            At::GiveUp(_) => Effect::GiveUpStep,
        }
    }

    /// Does it.
    pub fn go_on(self, at: &mut Context<'_>) -> Next {
        match self.at {
            At::ReadStep => self.read(at),
            At::Send => {
                at.world.queues.send_job(self.run, self.node);
                Next::Done
            }
            At::Ring => {
                at.world.queues.bells[self.run.index()] = true;
                Next::Done
            }
            At::Clear(read) => {
                let whatever = at.protocol.lacks(Flaw::DueRemovedUnconditionally);
                if let Some(step) = at.world.table.step_mut(self.run, self.node)
                    && (*step == read || whatever)
                {
                    step.due = false;
                }
                Next::Done
            }
            At::GiveUp(read) => self.give_up(read, at),
        }
    }

    fn read(self, at: &Context<'_>) -> Next {
        let table = &at.world.table;
        let Some(step) = table.step(self.run, self.node).filter(|step| step.due) else {
            return Next::Done;
        };
        let early = at.protocol.lacks(Flaw::UnnamedLosesDueAtOnce);
        let Some(head) = table.head(self.run) else {
            return if early {
                self.go(At::Clear(*step))
            } else {
                Next::Done
            };
        };
        match head.node(self.node) {
            NodeState::Waiting(_) | NodeState::Closing(_) => {}
            _ if head.version > step.basis || early => return self.go(At::Clear(*step)),
            _ => return Next::Done,
        }
        let ends = head.control.is_some() || at.world.expired[self.run.index()];
        match step.state {
            StepState::Closed(_) => self.go(At::Ring),
            StepState::Running { lapsed: false } if head.control.is_some() => Next::Done,
            _ if ends => self.go(At::Ring),
            StepState::Running { lapsed: false } => Next::Done,
            StepState::Running { lapsed: true } if step.losses + 1 >= at.protocol.losses => {
                self.go(At::GiveUp(*step))
            }
            StepState::Queued | StepState::Running { .. } => self.go(At::Send),
        }
    }

    fn give_up(self, read: Step, at: &mut Context<'_>) -> Next {
        match at.world.table.step_mut(self.run, self.node) {
            Some(step) if *step == read => {
                step.state = StepState::Closed(Outcome::WorkerLost);
                self.go(At::Ring)
            }
            _ => Next::Done,
        }
    }

    const fn go(self, at: At) -> Next {
        Next::Go(UseCase::ResendJob(Self { at, ..self }))
    }
}
