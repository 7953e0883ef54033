//! What the engine computes itself: a function of the definition, the state and what was kept before.

mod body;
mod context;
mod inline;
mod output;
mod parameters;
mod variables;

use domain::RunId;
use expr::{Bounds, Moment, check_value};
use serde_json::Value;

use crate::{
    event::{Evaluation, Purpose},
    path::Step,
    plan::Plan,
    retry::{NodeError, names},
    state::State,
};

use context::{Context, Stop};
pub use output::{OutputKey, Outputs, Part};

/// What a computation goes by.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// The run.
    pub run: &'a RunId,
    /// What it was started with.
    pub input: &'a Value,
    /// What was kept so far.
    pub outputs: &'a Outputs,
    /// What `$now()` says, in milliseconds since 1970: the same at each try, so not a clock's time but the event's.
    pub millis: i64,
}

/// What came of a computation.
#[derive(Clone, Debug, PartialEq)]
pub struct Computed {
    /// What is told to the run.
    pub result: Result<Evaluation, NodeError>,
    /// What is kept, before that is told.
    pub keep: Vec<(OutputKey, Value)>,
}

/// What has to be there before something can be computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing(pub Vec<OutputKey>);

/// Computes what an effect asks for.
pub fn evaluate(
    plan: &Plan,
    state: &State,
    step: &Step,
    purpose: Purpose,
    given: Given<'_>,
) -> Result<Computed, Missing> {
    let Some(context) = Context::find(plan, state, step, given) else {
        let cause = "there is no such node at work";
        return Ok(Computed {
            result: Err(NodeError::new(names::RUNTIME, cause)),
            keep: Vec::new(),
        });
    };
    let computed = match purpose {
        Purpose::Prepare => inline::prepare(&context),
        Purpose::Condition(_) => {
            inline::condition(&context).map(|holds| (Evaluation::Holds(holds), Vec::new()))
        }
        Purpose::Yield(index) => body::result_of(&context, index),
        Purpose::Collect => body::collect(&context),
    };
    match computed {
        Ok((evaluation, keep)) => Ok(bounded(evaluation, keep, step)),
        Err(Stop::Missing(keys)) => Err(Missing(keys)),
        Err(Stop::Failed(error)) => Ok(Computed {
            result: Err(error),
            keep: Vec::new(),
        }),
    }
}

/// What is kept is no larger than values may be.
fn bounded(evaluation: Evaluation, keep: Vec<(Part, Value)>, step: &Step) -> Computed {
    let wrong = keep
        .iter()
        .find_map(|(_, value)| check_value(value, Bounds::VALUE).err());
    if let Some(error) = wrong {
        return Computed {
            result: Err(NodeError::new(names::DATA_LIMIT, error.to_string())),
            keep: Vec::new(),
        };
    }
    let key = |part| OutputKey {
        step: step.clone(),
        part,
    };
    let keep = keep.into_iter().map(|(part, value)| (key(part), value));
    Computed {
        result: Ok(evaluation),
        keep: keep.collect(),
    }
}

/// What a run gives in the end: the result of the node from which nothing led on, or an object of those by name.
pub fn run_result(plan: &Plan, state: &State, given: Given<'_>) -> Result<Value, Missing> {
    Context::root(plan, state, given)
        .ends()
        .map_err(|stop| match stop {
            Stop::Missing(keys) => Missing(keys),
            Stop::Failed(_) => Missing(Vec::new()),
        })
}

fn moment(context: &Context<'_>, step: &Step) -> Moment {
    Moment {
        millis: context.given().millis,
        seed: step.chance(context.given().run),
    }
}
