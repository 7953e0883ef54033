//! Ways through the model, step by step, with what is in the table after each: to be gone again with the real code.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use serde::Serialize;
use stateright::Model;

use crate::{Action, Item, Protocol, Scenario, Text, World, settle::is_end, walk::Walk};

/// One way, from the beginning to a good end.
#[derive(Clone, Debug, Serialize)]
pub struct Trace {
    /// The scenario that it is a way through.
    pub scenario: &'static str,
    /// The kind of action that it was chosen for.
    pub shows: String,
    /// What happens.
    pub steps: Vec<TraceStep>,
}

/// One step of a way.
#[derive(Clone, Debug, Serialize)]
pub struct TraceStep {
    /// What happens.
    pub action: Action,
    /// The same in words.
    pub words: String,
    /// The items that it changes, as they are after it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    /// What people see after it, if that changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shows: Option<Text>,
}

impl Trace {
    /// The steps of a way that was found.
    pub fn of(scenario: &Scenario, shows: &str, actions: &[Action]) -> Self {
        let protocol = &scenario.protocol;
        let mut steps = Vec::new();
        let mut world = protocol.init_states().pop();
        for action in actions {
            let Some(before) = world else { break };
            world = protocol.next_state(&before, *action);
            if let Some(after) = &world {
                steps.push(TraceStep::of(*action, &before, after));
            }
        }
        Self {
            scenario: scenario.name,
            shows: shows.to_owned(),
            steps,
        }
    }
}

impl TraceStep {
    fn of(action: Action, before: &World, after: &World) -> Self {
        let told = before.conversations.iter().zip(&after.conversations);
        let mut told = told.filter(|(before, after)| before != after);
        Self {
            action,
            words: action.to_string(),
            items: after.table.changes_since(&before.table),
            shows: told.next().and_then(|(_, after)| after.shows),
        }
    }
}

/// Ways that together show every kind of action that happens in some scenarios, each by the shortest way to it and from there
/// on to the nearest good end. Those that an earlier way shows too are left out.
pub fn traces(scenarios: &[Scenario]) -> Vec<Trace> {
    let mut shown = BTreeSet::new();
    let mut traces = Vec::new();
    for scenario in scenarios {
        for (kind, actions) in ways(&scenario.protocol) {
            if shown.contains(&kind) {
                continue;
            }
            shown.extend(actions.iter().map(Action::kind));
            traces.push(Trace::of(scenario, &kind, &actions));
        }
    }
    traces
}

/// Traces as JSON, a step a line.
pub fn as_lines(traces: &[Trace]) -> Result<String, serde_json::Error> {
    let mut text = String::from("[\n");
    for (trace, number) in traces.iter().zip(1..) {
        let (scenario, shows) = (trace.scenario, &trace.shows);
        let head = serde_json::json!({ "scenario": scenario, "shows": shows }).to_string();
        text.push_str(head.trim_end_matches('}'));
        text.push_str(",\"steps\":[\n");
        let steps = trace.steps.iter().map(serde_json::to_string);
        text.push_str(&steps.collect::<Result<Vec<_>, _>>()?.join(",\n"));
        text.push_str("\n]}");
        text.push_str(if number < traces.len() { ",\n" } else { "\n" });
    }
    text.push_str("]\n");
    Ok(text)
}

/// A way for every kind of action, those that are furthest first: they show most of the others.
fn ways(protocol: &Protocol) -> Vec<(String, Vec<Action>)> {
    let mut walk = Walk::new(protocol);
    let mut kinds = HashSet::new();
    let mut found: Vec<(String, u32, Action)> = Vec::new();
    while let Some((number, _, edges)) = walk.next() {
        for edge in edges {
            let kind = edge.action.kind();
            if kinds.insert(kind.clone()) {
                found.push((kind, number, edge.action));
            }
        }
    }
    let found = found.into_iter().rev();
    found
        .filter_map(|(kind, number, action)| {
            let (mut way, world) = walk.way(number);
            let world = protocol.next_state(&world?, action)?;
            way.push(action);
            way.extend(to_end(protocol, world));
            Some((kind, way))
        })
        .collect()
}

/// The shortest way to a good end without faults.
fn to_end(protocol: &Protocol, world: World) -> Vec<Action> {
    let mut before: HashMap<World, Option<(World, Action)>> =
        HashMap::from([(world.clone(), None)]);
    let mut frontier = VecDeque::from([world]);
    while let Some(world) = frontier.pop_front() {
        if is_end(protocol, &world) {
            return back(&before, world);
        }
        let mut actions = Vec::new();
        protocol.actions(&world, &mut actions);
        for action in actions.into_iter().filter(Action::is_fair) {
            let Some(next) = protocol.next_state(&world, action) else {
                continue;
            };
            if !before.contains_key(&next) {
                before.insert(next.clone(), Some((world.clone(), action)));
                frontier.push_back(next);
            }
        }
    }
    Vec::new()
}

fn back(before: &HashMap<World, Option<(World, Action)>>, mut world: World) -> Vec<Action> {
    let mut actions = Vec::new();
    while let Some(Some((last, action))) = before.get(&world) {
        actions.push(*action);
        world = last.clone();
    }
    actions.reverse();
    actions
}
