//! The traces are up to date, and show everything that can happen.

use std::{collections::BTreeSet, sync::LazyLock};

use stateright::Model as _;
use switchyard_model::{Effect, Scenario, Trace, as_lines, is_good, to_replay, traces};

const GOLDEN: &str = include_str!("../traces.json");

static TRACES: LazyLock<Vec<Trace>> = LazyLock::new(|| {
    // Had the scenarios not been understood, nothing would be like what is kept.
    to_replay().map_or_else(|_| Vec::new(), |scenarios| traces(&scenarios))
});

#[test]
fn the_traces_are_up_to_date() {
    let text = as_lines(&TRACES).unwrap();
    println!("{} traces", TRACES.len());
    assert!(
        text == GOLDEN,
        "the traces have changed: cargo run -p switchyard-model traces > tests/model/tests/traces.json"
    );
}

#[test]
fn the_traces_show_everything_that_can_happen() {
    let steps = TRACES.iter().flat_map(|trace| &trace.steps);
    let shown: BTreeSet<String> = steps.map(|step| step.action.kind()).collect();
    let others = [
        "crashes",
        "is lost",
        "is doubled",
        "comes again",
        "runs out",
        "passes",
        "is archived",
        "is over",
        "gives its job back",
        "hears that it should stop",
        "due",
    ];
    // The first effect of a use case is done as it begins.
    let begins = [
        "reads its delivery",
        "reads the place",
        "reads the step that is due",
        "reads the head",
        "finishes the step",
        "gives the step back",
    ];
    let effects = Effect::WORDS.iter().filter(|words| !begins.contains(words));
    let missing: Vec<&&str> = effects
        .chain(&others)
        .filter(|words| !shown.iter().any(|kind| kind.contains(**words)))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_trace_comes_to_a_good_end() {
    let scenarios = to_replay().unwrap();
    for trace in TRACES.iter() {
        let named = |scenario: &&Scenario| scenario.name == trace.scenario;
        let protocol = &scenarios.iter().find(named).unwrap().protocol;
        let mut world = protocol.init_states().pop().unwrap();
        for step in &trace.steps {
            world = protocol.next_state(&world, step.action).unwrap();
        }
        assert!(is_good(protocol, &world), "{}", trace.shows);
        assert!(world.is_quiet(), "{}", trace.shows);
    }
}
