//! `advance`: what becomes of a run when something happens.

mod close;
mod container;
mod control;
mod evaluated;
mod locate;
mod settle;

use domain::RunId;

use crate::{
    event::{Effect, Event},
    plan::Plan,
    retry::{NodeError, names},
    state::{Control, Ended, Marks, Reason, Scope, State, Status},
};

/// What becomes of a run when something happens, and what that causes. It is a function of its arguments alone.
///
/// An event that does not fit what the run waits for changes nothing and causes nothing, so that each may come twice,
/// late and in any order.
pub fn advance(plan: &Plan, run: &RunId, state: State, event: Event) -> (State, Vec<Effect>) {
    let mut state = state;
    if state.ended.is_some() {
        return (state, Vec::new());
    }
    let mut machine = Machine {
        plan,
        run,
        control: state.control,
        effects: Vec::new(),
        stopped: 0,
    };
    machine.apply(&mut state, event);
    machine.control = state.control;
    machine.settle(&plan.root, &mut state.root, &mut Vec::new());
    if state.root.is_over() {
        let outcome = ended(&state);
        state.ended = Some(outcome.clone());
        machine.effects.push(Effect::End(outcome));
    }
    (state, machine.effects)
}

/// One advance at work.
struct Machine<'a> {
    plan: &'a Plan,
    run: &'a RunId,
    control: Control,
    effects: Vec<Effect>,
    /// How many bodies were ended so far: what lies before them has to be looked at again.
    stopped: usize,
}

impl Machine<'_> {
    fn apply(&mut self, state: &mut State, event: Event) {
        match event {
            Event::Start { trigger } => self.start(state, &trigger),
            Event::Evaluated {
                step,
                purpose,
                result,
            } if state.control == Control::Run => {
                self.evaluated(state, &step, purpose, result);
            }
            Event::Closed { step, outcome } => self.closed(state, &step, outcome),
            Event::Woke { step } => self.woke(state, &step),
            Event::Retry { step } => self.retry(state, &step),
            Event::Pause if state.control == Control::Run => state.control = Control::Pause,
            Event::Resume if state.control == Control::Pause => self.resume(state),
            Event::Stop(stop) => self.stop_run(state, stop),
            // What is computed meanwhile is computed again when it goes on.
            Event::Pause | Event::Resume | Event::Evaluated { .. } => {}
        }
    }

    /// Nothing begins while this is so.
    fn is_quiet(&self) -> bool {
        self.control != Control::Run
    }
}

/// How a run ended of which every node is over.
fn ended(state: &State) -> Ended {
    let root = &state.root;
    let cut_short = root.statuses.contains(&Status::Cancelled);
    if let (Control::Stop(stop), true) = (state.control, cut_short) {
        return match stop {
            crate::state::Stop::Cancelled => Ended::Cancelled,
            crate::state::Stop::Expired => Ended::Expired,
        };
    }
    if let Some(error) = &root.error {
        return Ended::Failed(error.clone());
    }
    if root.statuses.contains(&Status::Failed) {
        let cause = "a node failed while the run was ending";
        return Ended::Failed(NodeError::new(names::TASK_FAILED, cause));
    }
    let marks = root.marks();
    if marks.has(Marks::INCOMPLETE) {
        Ended::Incomplete
    } else if marks.has(Marks::UNCHANGED) && !marks.has(Marks::DONE) {
        Ended::Unchanged
    } else {
        Ended::Succeeded
    }
}

/// Marks nodes that had not begun as what `reason` leaves them.
fn leave(scope: &mut Scope, at: usize, reason: Reason) {
    scope.statuses[at] = reason.leaves();
    let more = scope.more_mut(at);
    more.inside = None;
    more.closing = None;
    more.error = None;
    more.tries.clear();
    scope.tidy(at);
}
