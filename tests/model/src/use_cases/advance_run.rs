//! `advance_run`: load, fold, advance, prepare, commit, release, remove due times.

mod draft;

use draft::{Draft, Phase};

use crate::{
    Control, Effect, Flaw, Head, Node, NodeState, Nodes, Outcome, Run, Step,
    process::{Context, Next, UseCase},
};

/// How often a commit may lose before the run is left to its bell.
const TRIES: u8 = 2;

/// `advance_run`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AdvanceRun {
    run: Run,
    /// Why it should end, if somebody wants that.
    wanted: Option<Control>,
    /// Whose step alone is folded, at the first try of `finish_job`.
    own: Option<Node>,
    lost: u8,
    at: At,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    Load,
    Draft(Phase, Draft),
    CommitUnchanged(u8),
    Ring,
}

impl AdvanceRun {
    /// Looks at a run.
    pub const fn look(run: Run) -> Self {
        Self {
            run,
            wanted: None,
            own: None,
            lost: 0,
            at: At::Load,
        }
    }

    /// Ends a run early.
    pub const fn control(run: Run, control: Control) -> Self {
        Self {
            wanted: Some(control),
            ..Self::look(run)
        }
    }

    /// Looks at a run whose step was just closed.
    pub const fn own(run: Run, node: Node) -> Self {
        Self {
            own: Some(node),
            ..Self::look(run)
        }
    }

    /// The effect that comes next.
    pub fn effect(&self) -> Effect {
        match self.at {
            At::Load => Effect::LoadRun,
            At::CommitUnchanged(_) => Effect::CommitUnchanged,
            At::Ring => Effect::RingRun,
            At::Draft(phase, draft) => match phase {
                Phase::ReadHalt => Effect::ReadHalt,
                Phase::Prepare => of(draft.prepare, Effect::PrepareStep),
                Phase::Commit => Effect::Commit,
                Phase::Release if draft.send.first().is_some() => of(draft.send, Effect::SendJob),
                Phase::Release => of(draft.close, Effect::CloseStep),
                Phase::ClearDue => of(draft.clear, Effect::ClearStepDue),
                Phase::DeleteAct => Effect::DeleteAct,
                Phase::RingNext => Effect::RingNext,
            },
        }
    }

    /// Does it.
    pub fn go_on(self, at: &mut Context<'_>) -> Next {
        match self.at {
            At::Load => self.load(at),
            At::CommitUnchanged(base) => self.commit_unchanged(base, at),
            At::Ring => {
                at.world.queues.bells[self.run.index()] = true;
                Next::Done
            }
            At::Draft(phase, draft) => match phase {
                Phase::ReadHalt => self.read_halt(draft, at),
                Phase::Prepare => self.prepare(draft, at),
                Phase::Commit => self.commit(draft, at),
                Phase::Release => self.release(draft, at),
                Phase::ClearDue => self.clear_due(draft, at),
                Phase::DeleteAct => {
                    at.world.table.acts[self.run.index()] = false;
                    self.after(Phase::DeleteAct, draft, at)
                }
                Phase::RingNext => {
                    at.world.ring_next();
                    self.after(Phase::RingNext, draft, at)
                }
            },
        }
    }

    fn load(self, at: &mut Context<'_>) -> Next {
        let Some(head) = at
            .world
            .table
            .head(self.run)
            .filter(|head| head.end.is_none())
        else {
            return Next::Done;
        };
        let loaded = *head;
        let mut draft = Draft::of(&loaded);
        self.fold(&mut draft, at);
        let reads_halt = ![Flaw::HaltNotRead, Flaw::HaltReadByStarterOnly]
            .into_iter()
            .any(|flaw| at.protocol.lacks(flaw));
        if loaded.is_unbegun() && reads_halt {
            return self.go(At::Draft(Phase::ReadHalt, draft));
        }
        self.decide(draft, &loaded, at)
    }

    /// What is finished counts; what has not begun is sent again.
    fn fold(self, draft: &mut Draft, at: &Context<'_>) {
        let Some(next) = &mut draft.next else { return };
        for node in at.protocol.plan.nodes() {
            let state = next.node(node);
            let folded = self.own.is_none_or(|own| own == node);
            let Some(step) = at.world.table.step(self.run, node) else {
                continue;
            };
            if !state.is_named() || !folded {
                continue;
            }
            if let Some(outcome) = step.outcome() {
                next.nodes[node.index()] = NodeState::Done(self.counted(outcome, next, at));
                if step.due {
                    draft.clear.insert(node);
                }
            } else if step.is_idle() {
                draft.send.insert(node);
            }
        }
    }

    fn counted(self, outcome: Outcome, head: &Head, at: &Context<'_>) -> Outcome {
        match head.control.or(self.wanted) {
            Some(control) if at.protocol.lacks(Flaw::ControlBeforeFinished) => control.outcome(),
            _ => outcome,
        }
    }

    fn read_halt(mut self, draft: Draft, at: &mut Context<'_>) -> Next {
        // Nothing was folded into it: nothing has begun.
        let Some(loaded) = draft.next else {
            return Next::Done;
        };
        if let Some(halt) = at.world.table.halt.filter(|halt| loaded.asked <= *halt) {
            self.wanted = Some(Control::Stop(halt));
        }
        self.decide(draft, &loaded, at)
    }

    fn decide(self, draft: Draft, loaded: &Head, at: &Context<'_>) -> Next {
        let late = at.world.expired[self.run.index()].then_some(Control::Deadline);
        let wanted = self.wanted.or(late);
        draft
            .decided(loaded, wanted, at.protocol)
            .map_or(Next::Done, |draft| self.enter(Phase::Prepare, draft, at))
    }

    fn prepare(self, mut draft: Draft, at: &mut Context<'_>) -> Next {
        let (Some(node), Some(next)) = (draft.prepare.first(), draft.next) else {
            return Next::Done;
        };
        let NodeState::Waiting(content) = next.node(node) else {
            return Next::Done;
        };
        let overwrites = at.protocol.lacks(Flaw::SameBasisOverwritten);
        let slot = at.world.table.step_mut(self.run, node);
        match slot {
            Some(there) if there.has_begun() || there.basis > draft.base => return self.again(at),
            Some(there) if there.basis == draft.base && !overwrites => {
                if there.content != content {
                    return self.go(At::CommitUnchanged(draft.base));
                }
            }
            _ => *slot = Some(Step::prepared(content, draft.base)),
        }
        draft.prepare.remove(node);
        self.enter(Phase::Prepare, draft, at)
    }

    fn commit(self, mut draft: Draft, at: &mut Context<'_>) -> Next {
        let Some(next) = draft.next else {
            return Next::Done;
        };
        let whatever = at.protocol.lacks(Flaw::CommitUnconditional);
        let Some(head) = &mut at.world.table.heads[self.run.index()] else {
            return Next::Done;
        };
        if head.version != draft.base && !whatever {
            return self.again(at);
        }
        at.world.history.committed(head, &next);
        *head = Head {
            version: draft.base + 1,
            ..next
        };
        at.record(self.run);
        draft.next = None;
        draft.base = 0;
        self.after(Phase::Commit, draft, at)
    }

    fn commit_unchanged(self, base: u8, at: &mut Context<'_>) -> Next {
        if let Some(head) = &mut at.world.table.heads[self.run.index()]
            && head.version == base
        {
            head.version += 1;
            at.record(self.run);
        }
        self.again(at)
    }

    fn release(self, mut draft: Draft, at: &mut Context<'_>) -> Next {
        if let Some(node) = draft.send.first() {
            draft.send.remove(node);
            at.world.queues.send_job(self.run, node);
        } else if let Some(node) = draft.close.first() {
            draft.close.remove(node);
            draft.closed |= self.close(node, at);
        }
        self.enter(Phase::Release, draft, at)
    }

    fn close(self, node: Node, at: &mut Context<'_>) -> bool {
        let why = at.world.table.head(self.run).map(|head| head.node(node));
        let why = match why {
            Some(NodeState::Closing(why)) => why,
            _ => self.wanted.unwrap_or(Control::Deadline),
        };
        let keeps_due = !at.protocol.lacks(Flaw::ClosingRemovesDue);
        at.world
            .table
            .close_idle(self.run, node, why.outcome(), keeps_due)
    }

    fn clear_due(self, mut draft: Draft, at: &mut Context<'_>) -> Next {
        if let Some(node) = draft.clear.first() {
            draft.clear.remove(node);
            if let Some(step) = at.world.table.step_mut(self.run, node) {
                step.due = false;
            }
        }
        self.enter(Phase::ClearDue, draft, at)
    }

    /// Goes to the first phase from this one on in which there is something to do.
    fn enter(self, phase: Phase, draft: Draft, at: &Context<'_>) -> Next {
        let waits = at.protocol.makes_requests_wait();
        let busy = match phase {
            Phase::ReadHalt => false,
            Phase::Prepare => draft.prepare.first().is_some(),
            Phase::Commit => draft.next.is_some(),
            Phase::Release => draft.send.first().is_some() || draft.close.first().is_some(),
            Phase::ClearDue => draft.clear.first().is_some(),
            Phase::DeleteAct => draft.ends && at.protocol.has_own_keys(),
            Phase::RingNext => draft.ends && waits,
        };
        if busy {
            self.go(At::Draft(phase, draft))
        } else {
            self.after(phase, draft, at)
        }
    }

    fn after(self, phase: Phase, draft: Draft, at: &Context<'_>) -> Next {
        let early = at.protocol.lacks(Flaw::ReleaseBeforeCommit);
        let next = match (phase, early) {
            (Phase::ReadHalt, _) => Phase::Prepare,
            (Phase::Prepare, false) | (Phase::Release, true) => Phase::Commit,
            (Phase::Prepare, true) | (Phase::Commit, false) => Phase::Release,
            (Phase::Release, false) | (Phase::Commit, true) => Phase::ClearDue,
            (Phase::ClearDue, _) => Phase::DeleteAct,
            (Phase::DeleteAct, _) => Phase::RingNext,
            (Phase::RingNext, _) if draft.closed => return self.reload(),
            (Phase::RingNext, _) => return Next::Done,
        };
        self.enter(next, draft, at)
    }

    /// Another one was quicker.
    ///
    /// What was folded is on record in the items, so that a bell is enough. A wish to stop is on record nowhere before the
    /// commit, so that whoever has it must not be done.
    fn again(self, at: &Context<'_>) -> Next {
        let lost = self.lost + 1;
        if lost > TRIES && self.wanted.is_some() && !at.protocol.lacks(Flaw::ControlLeftToBell) {
            return Next::Failed;
        }
        if lost > TRIES {
            return self.go(At::Ring);
        }
        Self { lost, ..self }.reload()
    }

    fn reload(self) -> Next {
        Self { own: None, ..self }.go(At::Load)
    }

    fn go(self, at: At) -> Next {
        Next::Go(UseCase::AdvanceRun(Self { at, ..self }))
    }
}

fn of(nodes: Nodes, effect: impl Fn(Node) -> Effect) -> Effect {
    nodes.first().map_or(Effect::LoadRun, effect)
}
