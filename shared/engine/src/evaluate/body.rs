//! The results of bodies.

use serde_json::Value;

use super::{
    OutputKey, Part,
    context::{Context, Found, Stop},
};
use crate::{
    event::Evaluation,
    retry::{NodeError, names},
    state::{Each, Inside, Repeat},
};

/// Keeps what a body gave for one time.
pub(super) fn result_of(
    context: &Context<'_>,
    index: u32,
) -> Found<(Evaluation, Vec<(Part, Value)>)> {
    let inside = context.inside(index).ok_or_else(gone)?;
    let value = inside.ends()?;
    Ok((
        Evaluation::Done { port: 0 },
        vec![(Part::Item(index), value)],
    ))
}

/// The result of a node with a body, from those of its body.
pub(super) fn collect(context: &Context<'_>) -> Found<(Evaluation, Vec<(Part, Value)>)> {
    let frame = context.frame();
    let value = match frame.scope.inside(frame.at) {
        Some(Inside::Each(each)) => items(context, each),
        Some(Inside::Repeat(Repeat { iteration, .. })) => iteration
            .checked_sub(1)
            .map_or(Value::Null, |last| item(context, last)),
        Some(Inside::Within(_)) => context.inside(0).ok_or_else(gone)?.ends()?,
        None => return Err(gone()),
    };
    context.all_there()?;
    Ok((Evaluation::Done { port: 0 }, vec![(Part::Result, value)]))
}

/// The results in the order of the items; null for those that failed.
fn items(context: &Context<'_>, each: &Each) -> Value {
    let items = (0..each.total).map(|index| {
        if each.done.contains(index) {
            item(context, index)
        } else {
            Value::Null
        }
    });
    Value::Array(items.collect())
}

fn item(context: &Context<'_>, index: u32) -> Value {
    context.kept(OutputKey {
        step: context.step(),
        part: Part::Item(index),
    })
}

fn gone() -> Stop {
    NodeError::new(names::RUNTIME, "the body is not at work").into()
}
