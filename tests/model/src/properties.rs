//! What must hold in every world that can come to be.

use stateright::Property;

use crate::{Control, Head, NodeState, Protocol, Record, Request, Run, Violation, World};

/// The properties, by name.
pub fn properties() -> Vec<Property<Protocol>> {
    vec![
        Property::always("a run ends once and stays over", |_, world| {
            never(world, Violation::EndUndone)
        }),
        Property::always(
            "the slot has one unfinished run",
            |model: &Protocol, world: &World| {
                let runs = world.table.runs();
                let unfinished = runs.filter(|(_, head)| head.end.is_none()).count();
                unfinished <= 1 || model.has_own_keys()
            },
        ),
        Property::always("a request starts at most one run", |_, world: &World| {
            one_run_each(world)
        }),
        Property::always("a refused delivery starts nothing", |_, world: &World| {
            let refused = |head: &Head| world.table.record(head.origin) == Record::Refused;
            !world.table.heads.iter().flatten().any(refused)
        }),
        Property::always("work is what the head names", |_, world| {
            never(world, Violation::WrongWork)
        }),
        Property::always("what is stopped does not begin", |_, world| {
            never(world, Violation::StoppedBegan)
        }),
        Property::always("only the newest lease counts", |_, world| {
            never(world, Violation::StaleLeaseUsed)
        }),
        Property::always(
            "what is over in the state is closed",
            |model: &Protocol, world: &World| {
                let mut runs = world.table.runs();
                runs.all(|(run, head)| counts_what_is_closed(model, world, run, head))
            },
        ),
        Property::always(
            "a stop ends what was asked for before",
            |_, world: &World| {
                let late = |head: &Head| match head.control {
                    Some(Control::Stop(stop)) => head.asked > stop,
                    Some(Control::Deadline) | None => false,
                };
                !world.table.heads.iter().flatten().any(late)
            },
        ),
        Property::always("a stop reaches every run it means", reaches),
        Property::always("a run is told in one comment", |_, world: &World| {
            world.conversations.iter().all(|told| told.comments <= 1)
        }),
        Property::always(
            "what is at rest is done and told",
            |model: &Protocol, world: &World| !is_at_rest(world) || is_good(model, world),
        ),
    ]
}

/// Whether nothing will happen any more of itself, be it good or not.
pub fn is_at_rest(world: &World) -> bool {
    world.is_quiet() && !world.is_due()
}

/// Whether all is as it should be in the end.
pub fn is_good(model: &Protocol, world: &World) -> bool {
    world.is_done(&model.requests) && (!model.is_told() || world.is_told())
}

fn never(world: &World, violation: Violation) -> bool {
    world.history.violation != Some(violation)
}

fn one_run_each(world: &World) -> bool {
    let runs: Vec<u8> = world.table.runs().map(|(_, head)| head.key).collect();
    runs.iter()
        .enumerate()
        .all(|(at, key)| !runs[..at].contains(key))
}

fn counts_what_is_closed(model: &Protocol, world: &World, run: Run, head: &Head) -> bool {
    model.plan.nodes().all(|node| match head.node(node) {
        NodeState::Done(outcome) => {
            let step = world.table.step(run, node);
            step.and_then(crate::Step::outcome) == Some(outcome)
        }
        _ => true,
    })
}

/// A stop that was carried out leaves no run going that it means: what has not begun finds it in force.
fn reaches(model: &Protocol, world: &World) -> bool {
    let stops = model.requests.iter().zip(world.history.stopped);
    let mut stops = stops.filter_map(|(request, done)| match request {
        Request::Stop(asked) if done => Some(*asked),
        _ => None,
    });
    stops.all(|stop| {
        let escaped = |head: &Head| {
            head.asked <= stop && head.end.is_none() && head.control.is_none() && !head.is_unbegun()
        };
        !world.table.heads.iter().flatten().any(escaped)
    })
}
