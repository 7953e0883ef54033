//! `take_turn`: events, and all that the engine can compute itself, up to a boundary.

use domain::RunId;
use serde_json::{Value, json};

use crate::{
    advance::advance,
    evaluate::{Given, Missing, OutputKey, Outputs, evaluate},
    event::{Effect, Event},
    open::open,
    plan::Plan,
    state::State,
};

/// How much is computed before what has come of it is put on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The most computations.
    pub nodes: usize,
    /// The most bytes of what is kept.
    pub bytes: usize,
}

impl Budget {
    /// What one commit takes.
    pub const COMMIT: Self = Self {
        nodes: 256,
        bytes: 64 * 1024,
    };
}

/// Why a turn ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rest {
    /// The run waits for somebody else, or is over.
    Waits,
    /// The boundary is reached: put it on record and take another turn.
    Boundary,
    /// These have to be there first: load them and take the turn again from where it is.
    Needs(Vec<OutputKey>),
}

/// What has come of a turn.
#[derive(Debug)]
pub struct Turn {
    /// The state.
    pub state: State,
    /// What is to be done by others, in order. None of it is [`Effect::Evaluate`] or [`Effect::Keep`].
    pub effects: Vec<Effect>,
    /// What is to be kept.
    pub keep: Vec<(OutputKey, Value)>,
    /// How many computations there were.
    pub computed: usize,
    /// Why it ended.
    pub rest: Rest,
}

/// What a turn is about.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The run.
    pub run: &'a RunId,
    /// What it was started with.
    pub input: &'a Value,
    /// The time of what happened, in milliseconds since 1970; the same whenever the turn is taken again.
    pub millis: i64,
}

/// Applies events in order, and computes whatever that makes ready, up to a boundary. What is kept is put into `outputs`
/// too. Without events it goes on where an earlier turn ended.
pub fn take_turn(
    plan: &Plan,
    facts: Facts<'_>,
    state: State,
    events: Vec<Event>,
    outputs: &mut Outputs,
    budget: Budget,
) -> Turn {
    let mut turn = Turn {
        state,
        effects: Vec::new(),
        keep: Vec::new(),
        computed: 0,
        rest: Rest::Waits,
    };
    for event in events {
        turn.apply(plan, facts, event, outputs);
    }
    let mut bytes = 0;
    while let Some((step, purpose)) = open(plan, &turn.state).computations().next() {
        if turn.computed >= budget.nodes || bytes >= budget.bytes {
            turn.rest = Rest::Boundary;
            break;
        }
        let given = Given {
            run: facts.run,
            input: facts.input,
            outputs,
            millis: facts.millis,
        };
        let computed = match evaluate(plan, &turn.state, &step, purpose, given) {
            Ok(computed) => computed,
            Err(Missing(keys)) => {
                turn.rest = Rest::Needs(keys);
                break;
            }
        };
        turn.computed += 1;
        for (key, value) in computed.keep {
            bytes += value.to_string().len();
            turn.put(key, value, outputs);
        }
        let event = Event::Evaluated {
            step,
            purpose,
            result: computed.result,
        };
        turn.apply(plan, facts, event, outputs);
    }
    turn
}

impl Turn {
    fn apply(&mut self, plan: &Plan, facts: Facts<'_>, event: Event, outputs: &mut Outputs) {
        let state = self.state.clone();
        let (state, effects) = advance(plan, facts.run, state, event);
        self.state = state;
        for effect in effects {
            match effect {
                // The state names it too.
                Effect::Evaluate { .. } => {}
                Effect::Keep { step, error } => {
                    let value = json!({"error": error.error, "cause": error.cause});
                    self.put(OutputKey::result(step), value, outputs);
                }
                other => self.effects.push(other),
            }
        }
    }

    fn put(&mut self, key: OutputKey, value: Value, outputs: &mut Outputs) {
        outputs.insert(key.clone(), value.clone());
        self.keep.push((key, value));
    }
}
