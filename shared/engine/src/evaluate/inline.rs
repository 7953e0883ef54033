//! The nodes that the engine does itself, and what it tells those who do the others.

use std::cmp::Ordering;

use expr::Expression;
use serde_json::{Map, Value, json};

use super::{
    Part,
    context::{Context, Found},
    parameters::{Scene, wrong},
};
use crate::{
    event::Evaluation,
    plan::{Compiled, NodePlan},
    registry::{Execution, Inline},
    retry::{NodeError, names},
};

type Prepared = (Evaluation, Vec<(Part, Value)>);

/// What a node gives, or what whoever does it is told.
pub(super) fn prepare(context: &Context<'_>) -> Found<Prepared> {
    let node = context.node();
    let scene = Scene::of(context)?;
    match node.kind.execution() {
        Execution::Inline(inline) => {
            let (port, value) = compute(context, &scene, inline)?;
            context.all_there()?;
            Ok((Evaluation::Done { port }, vec![(Part::Result, value)]))
        }
        Execution::ForEach => {
            let items = items(context, &scene)?;
            let total = u32::try_from(items.len()).unwrap_or(u32::MAX);
            Ok((
                Evaluation::Items(total),
                vec![(Part::Items, Value::Array(items))],
            ))
        }
        Execution::Loop => {
            let order = scene.order(context)?;
            let times = order["parameters"]["times"].as_u64().unwrap_or_default();
            Ok((
                Evaluation::Times(u32::try_from(times).unwrap_or(u32::MAX)),
                Vec::new(),
            ))
        }
        _ => Ok((Evaluation::Prepared(scene.order(context)?), Vec::new())),
    }
}

/// Whether the body of a `while` runs again.
pub(super) fn condition(context: &Context<'_>) -> Found<bool> {
    let scene = Scene::of(context)?;
    scene.holds(context, "condition", query(context.node(), "condition")?)
}

fn compute(context: &Context<'_>, scene: &Scene, inline: Inline) -> Found<(usize, Value)> {
    let node = context.node();
    let input = scene.input.clone();
    Ok(match inline {
        Inline::Trigger => (0, context.given().input.clone()),
        Inline::If => {
            let holds = scene.holds(context, "condition", query(node, "condition")?)?;
            (usize::from(!holds), input)
        }
        Inline::Switch => (case(context, scene)?, input),
        Inline::Merge => (0, merged(context, scene)?),
        Inline::Split => (0, split(context, scene)?),
        Inline::Filter => (0, filtered(context, scene)?),
        Inline::Sort => (0, sorted(context, scene)?),
        Inline::Transform => (
            0,
            scene.query(context, "expression", query(node, "expression")?)?,
        ),
        Inline::Validate => validated(node, input)?,
        Inline::Format => {
            let Some(Compiled::Text(template)) = node.parameters.get("template") else {
                return Err(lacking("template").into());
            };
            (0, json!({"text": scene.text("template", template)?}))
        }
    })
}

fn query<'a>(node: &'a NodePlan, name: &str) -> Result<&'a Expression, NodeError> {
    match node.parameters.get(name) {
        Some(Compiled::Query(expression)) => Ok(expression),
        _ => Err(lacking(name)),
    }
}

fn lacking(name: &str) -> NodeError {
    NodeError::new(names::RUNTIME, format!("{name} is missing"))
}

fn word<'a>(node: &'a NodePlan, name: &str) -> &'a str {
    node.parameters
        .get(name)
        .and_then(Compiled::word)
        .unwrap_or_default()
}

fn case(context: &Context<'_>, scene: &Scene) -> Found<usize> {
    let node = context.node();
    let Some(Compiled::Cases(cases)) = node.parameters.get("cases") else {
        return Err(lacking("cases").into());
    };
    for (output, when) in cases {
        if scene.holds(context, "cases", when)? {
            return Ok(node.port(output).unwrap_or_default());
        }
    }
    Ok(0)
}

fn merged(context: &Context<'_>, scene: &Scene) -> Found<Value> {
    let node = context.node();
    if node.incoming.is_empty() {
        return Ok(scene.input.clone());
    }
    let arrivals = context.own_arrivals()?;
    Ok(match word(node, "how") {
        "concatenate" => {
            let all = arrivals.into_iter().flat_map(|(_, value)| match value {
                Value::Array(items) => items,
                other => vec![other],
            });
            Value::Array(all.collect())
        }
        "union" => {
            let mut union = Map::new();
            for (from, value) in arrivals {
                match value {
                    Value::Object(fields) => union.extend(fields),
                    _ => return Err(wrong("how", &format!("`{from}` gives no object")).into()),
                }
            }
            Value::Object(union)
        }
        _ => Value::Object(arrivals.into_iter().collect()),
    })
}

/// The list that a node is about.
fn items(context: &Context<'_>, scene: &Scene) -> Found<Vec<Value>> {
    let value = match context.node().parameters.get("items") {
        Some(Compiled::Query(expression)) => scene.query(context, "items", expression)?,
        _ => scene.input.clone(),
    };
    match value {
        Value::Array(items) => Ok(items),
        // JSONata makes nothing of an empty list and the one item of a list of one.
        Value::Null => Ok(Vec::new()),
        other => Ok(vec![other]),
    }
}

fn split(context: &Context<'_>, scene: &Scene) -> Found<Value> {
    let order = scene.order(context)?;
    let size = order["parameters"]["size"]
        .as_u64()
        .and_then(|size| usize::try_from(size).ok());
    let items = items(context, scene)?;
    let lists = items.chunks(size.unwrap_or(1).max(1));
    Ok(Value::Array(
        lists.map(|list| Value::Array(list.to_vec())).collect(),
    ))
}

fn filtered(context: &Context<'_>, scene: &Scene) -> Found<Value> {
    let node = context.node();
    let items = items(context, scene)?;
    let values = scene.of_each(context, "condition", query(node, "condition")?, &items)?;
    let (mut kept, mut rest) = (Vec::new(), Vec::new());
    for (item, value) in items.into_iter().zip(values) {
        match value {
            Value::Bool(true) => kept.push(item),
            Value::Bool(false) => rest.push(item),
            _ => return Err(wrong("condition", "it has to be true or false").into()),
        }
    }
    Ok(match word(node, "mode") {
        "exclude" => Value::Array(rest),
        "partition" => json!({"kept": kept, "rest": rest}),
        _ => Value::Array(kept),
    })
}

fn sorted(context: &Context<'_>, scene: &Scene) -> Found<Value> {
    let node = context.node();
    let items = items(context, scene)?;
    let values = scene.of_each(context, "by", query(node, "by")?, &items)?;
    let keys = values.into_iter().map(sort_key);
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    if !keys.windows(2).all(|pair| pair[0].alike(&pair[1])) {
        return Err(wrong("by", "it has to be a number of each or a text of each").into());
    }
    let mut keyed: Vec<(SortKey, Value)> = keys.into_iter().zip(items).collect();
    keyed.sort_by(|(a, _), (b, _)| match word(node, "order") {
        "descending" => b.compare(a),
        _ => a.compare(b),
    });
    Ok(Value::Array(
        keyed.into_iter().map(|(_, item)| item).collect(),
    ))
}

/// What a list is put in order by.
enum SortKey {
    Number(f64),
    Text(String),
}

fn sort_key(value: Value) -> Result<SortKey, NodeError> {
    match value {
        Value::Number(number) => Ok(SortKey::Number(number.as_f64().unwrap_or_default())),
        Value::String(text) => Ok(SortKey::Text(text)),
        _ => Err(wrong("by", "it has to be a number or a text")),
    }
}

impl SortKey {
    const fn alike(&self, other: &Self) -> bool {
        matches!(
            (self, other),
            (Self::Number(_), Self::Number(_)) | (Self::Text(_), Self::Text(_))
        )
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
        }
    }
}

fn validated(node: &NodePlan, input: Value) -> Result<(usize, Value), NodeError> {
    let Some(Compiled::Schema { compiled, .. }) = node.parameters.get("schema") else {
        return Err(lacking("schema"));
    };
    let violations = compiled.violations(&input);
    if violations.is_empty() {
        return Ok((0, input));
    }
    let told: Vec<String> = violations
        .iter()
        .map(|one| format!("{}: {}", one.path, one.reason))
        .collect();
    match node.connected_port("invalid") {
        Some(port) => Ok((port, json!({"input": input, "violations": told}))),
        None => Err(NodeError::new(names::INVALID, told.join("; "))),
    }
}
