//! Thousands of random graphs on random schedules: what comes to pass is what a simple interpreter says, nothing is
//! lost, nothing is done twice, and whatever comes twice, late or in another order changes nothing.

mod chance;
mod graph;
mod interpreter;
mod ledger;

use engine::{Ended, Plan, Status};
use proptest::{
    prelude::any,
    test_runner::{Config, TestRunner},
};

use chance::Chance;
use graph::{Graph, Kinds};
use interpreter::Interpreter;
use ledger::Ledger;

fn read(graph: &Graph, on_failure: &str) -> Plan {
    let text = graph.text(on_failure);
    Plan::read(&text).unwrap_or_else(|faults| panic!("{text}\n{faults}"))
}

/// Whatever the schedule, the run comes to what the interpreter says: each node, and the result.
fn comes_to_what_the_interpreter_says(seed: u64) {
    let mut chance = Chance::new(seed);
    let graph = Graph::random(&mut chance, Kinds::WithoutRaces);
    let plan = read(&graph, "fail");
    let expected = Interpreter::new(seed).run(&graph);
    for schedule in 0..2 {
        let mut ledger = Ledger::new(&plan, seed, seed.wrapping_add(schedule));
        ledger.run();
        let statuses: Vec<(String, Status)> = ledger
            .state
            .statuses(&plan)
            .map(|(id, status)| (id.to_owned(), status))
            .collect();
        for (id, status) in &statuses {
            let said = expected.statuses[id];
            assert_eq!(
                *status,
                said,
                "seed {seed}, schedule {schedule}, {id}\n{}",
                graph.text("fail")
            );
        }
        assert_eq!(
            ledger.result(),
            expected.result,
            "seed {seed}\n{}",
            graph.text("fail")
        );
        assert_eq!(ledger.state.ended(), Some(&Ended::Succeeded), "seed {seed}");
    }
}

/// Races, failures that nothing catches, pauses and stops included, nothing is lost and nothing is done twice: the
/// ledger asserts that after each event.
fn loses_and_doubles_nothing(seed: u64) {
    let mut chance = Chance::new(seed);
    let graph = Graph::random(&mut chance, Kinds::All);
    let plan = read(&graph, if chance.once_in(3) { "hold" } else { "fail" });
    let mut ledger = Ledger::new(&plan, seed, seed);
    ledger.meddle();
    ledger.run();
    assert_eq!(ledger.ends, 1, "seed {seed}");
}

/// A run that takes over what an earlier one has done does none of that again.
fn takes_over_what_was_done(seed: u64) {
    let graph = Graph::random(&mut Chance::new(seed), Kinds::All);
    let plan = read(&graph, "fail");
    let mut earlier = Ledger::new(&plan, seed, seed);
    earlier.meddle();
    earlier.run();
    let mut ledger = earlier.redriven();
    ledger.run();
    assert_eq!(ledger.ends, 1, "seed {seed}");
}

/// Checks for that many seeds, and says which one it was.
fn for_seeds(cases: u32, check: impl Fn(u64)) {
    let config = Config {
        cases,
        failure_persistence: None,
        // A smaller seed is no simpler graph.
        max_shrink_iters: 0,
        ..Config::default()
    };
    let checked = TestRunner::new(config).run(&any::<u64>(), |seed| {
        check(seed);
        Ok(())
    });
    if let Err(error) = checked {
        panic!("{error}");
    }
}

#[test]
fn every_schedule_comes_to_what_a_simple_interpreter_says() {
    for_seeds(1000, comes_to_what_the_interpreter_says);
}

#[test]
fn nothing_is_lost_and_nothing_is_done_twice() {
    for_seeds(1500, loses_and_doubles_nothing);
}

#[test]
fn what_was_done_is_taken_over() {
    for_seeds(500, takes_over_what_was_done);
}

#[test]
fn the_random_graphs_have_everything_in_them() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..300 {
        let graph = Graph::random(&mut Chance::new(seed), Kinds::All);
        seen.extend(graph.kinds());
    }
    let all = [
        "any", "call", "compute", "each", "if", "loop", "merge", "timeout", "while",
    ];
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), all);
}
