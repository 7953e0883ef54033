//! What people and clocks want of runs, and how large states are.

use engine::{
    Budget, Ended, Event, Facts, OutputKey, Outputs, Reason, Rest, State, Status, Stop, take_turn,
};
use serde_json::{Value, json};

use crate::{
    flow::{call, compute, plan},
    world::{Answer, World, run_id, step},
};

#[test]
fn a_pause_lets_what_is_begun_end_and_begins_nothing() {
    let plan = plan(&[call("a"), call("b")], &[("start", "a"), ("a", "b")]);
    let mut world = World::new(&plan, Value::Null);
    world.start();
    world.happens(Event::Pause);
    world.answer_next(&mut |_| Answer::Done(json!(1)));
    assert_eq!(world.log, ["ask a#1"]);
    assert_eq!(world.statuses()["a"], Status::Succeeded);
    world.happens(Event::Pause);
    world.happens(Event::Resume);
    assert_eq!(world.log, ["ask a#1", "ask b#1"]);
    world.happens(Event::Resume);
    assert_eq!(world.log.len(), 2);
}

#[test]
fn a_cancelled_run_is_over_when_all_that_is_open_is_closed() {
    let plan = plan(
        &[call("a"), call("b"), call("c")],
        &[("start", "a"), ("start", "b"), ("a", "c")],
    );
    let mut world = World::new(&plan, Value::Null);
    world.start();
    world.happens(Event::Stop(Stop::Cancelled));
    assert_eq!(world.state.ended(), Some(&Ended::Cancelled));
    assert_eq!(
        world.log,
        [
            "ask a#1",
            "ask b#1",
            "close a#1 Cancelled",
            "close b#1 Cancelled",
            "end Cancelled"
        ]
    );
    let (statuses, reason) = (world.statuses(), Reason::Cancelled);
    assert_eq!(statuses["c"], Status::Cancelled, "{reason:?}");
}

#[test]
fn what_is_finished_counts_before_the_wish_to_stop() {
    let plan = plan(&[call("a")], &[("start", "a")]);
    let (run, state) = (crate::world::run_id(1), engine::State::new(&plan));
    let mut world = World::new(&plan, Value::Null);
    assert_eq!(world.state, state);
    world.start();
    let (state, effects) =
        engine::advance(&plan, &run, world.state.clone(), Event::Stop(Stop::Expired));
    assert_eq!(
        effects.len(),
        1,
        "it is to be closed, and is not yet: {effects:?}"
    );
    assert_eq!(state.ended(), None);
    // The call had been answered before it could be closed.
    let outcome = engine::StepOutcome::Succeeded { port: None };
    let event = Event::Closed {
        step: step("a"),
        outcome,
    };
    let (state, _) = engine::advance(&plan, &run, state, event);
    assert_eq!(state.ended(), Some(&Ended::Succeeded));
}

/// How many turns a chain of nodes that compute takes, and how many computations.
fn turns(length: usize, budget: Budget) -> (usize, usize) {
    let nodes: Vec<String> = (0..length)
        .map(|at| compute(&format!("n{at}"), "$input + 1"))
        .collect();
    let names: Vec<String> = std::iter::once("start".to_owned())
        .chain((0..length).map(|at| format!("n{at}")))
        .collect();
    let edges: Vec<(&str, &str)> = names
        .windows(2)
        .map(|pair| (pair[0].as_str(), pair[1].as_str()))
        .collect();
    let plan = plan(&nodes, &edges);
    let (run, input) = (run_id(1), json!(0));
    let facts = Facts {
        run: &run,
        input: &input,
        millis: 0,
    };
    let (mut state, mut outputs, mut events) = (
        State::new(&plan),
        Outputs::new(),
        vec![Event::Start {
            trigger: "start".to_owned(),
        }],
    );
    let (mut turns, mut computed) = (0, 0);
    loop {
        let turn = take_turn(
            &plan,
            facts,
            state,
            std::mem::take(&mut events),
            &mut outputs,
            budget,
        );
        (state, turns, computed) = (turn.state, turns + 1, computed + turn.computed);
        if turn.rest == Rest::Waits {
            break;
        }
        assert_eq!(turn.rest, Rest::Boundary);
    }
    assert_eq!(state.ended(), Some(&Ended::Succeeded));
    assert_eq!(
        outputs[&OutputKey::result(step(names.last().unwrap()))],
        json!(length)
    );
    (turns, computed)
}

#[test]
fn chains_that_only_compute_are_one_turn_up_to_the_boundary() {
    for (length, expected) in [(1, 1), (10, 1), (40, 1), (255, 1), (400, 2)] {
        assert_eq!(
            turns(length, Budget::COMMIT),
            (expected, length + 1),
            "{length}"
        );
    }
    let small = Budget {
        nodes: 1,
        ..Budget::COMMIT
    };
    assert_eq!(turns(10, small), (11, 11));
}

#[test]
fn a_turn_says_what_has_to_be_there_first() {
    let plan = plan(
        &[call("a"), compute("b", "$input")],
        &[("start", "a"), ("a", "b")],
    );
    let (run, input, mut outputs) = (run_id(1), Value::Null, Outputs::new());
    let facts = Facts {
        run: &run,
        input: &input,
        millis: 0,
    };
    let take = |state: State, events: Vec<Event>, outputs: &mut Outputs| {
        take_turn(&plan, facts, state, events, outputs, Budget::COMMIT)
    };
    let start = Event::Start {
        trigger: "start".to_owned(),
    };
    let turn = take(State::new(&plan), vec![start], &mut outputs);
    assert!(matches!(
        turn.effects.as_slice(),
        [engine::Effect::CallOut(_)]
    ));
    let closed = Event::Closed {
        step: step("a"),
        outcome: engine::StepOutcome::Succeeded { port: None },
    };
    // Another process, which has loaded nothing yet.
    let mut outputs = Outputs::new();
    let turn = take(turn.state, vec![closed], &mut outputs);
    let key = OutputKey::result(step("a"));
    assert_eq!(turn.rest, Rest::Needs(vec![key.clone()]));
    outputs.insert(key, json!("loaded"));
    let turn = take(turn.state, Vec::new(), &mut outputs);
    assert_eq!((turn.rest, turn.keep.len()), (Rest::Waits, 1));
    assert_eq!(turn.keep[0].1, json!("loaded"));
}

#[test]
fn a_state_of_forty_nodes_is_under_one_kilobyte() {
    let retried =
        |at: usize| call(&format!("call{at}")).replace("}}", "}, retry: [{errors: [States.ALL]}]}");
    let nodes: Vec<String> = (0..39).map(retried).collect();
    let names: Vec<String> = (0..39).map(|at| format!("call{at}")).collect();
    let edges: Vec<(&str, &str)> = names.iter().map(|name| ("start", name.as_str())).collect();
    let plan = plan(&nodes, &edges);
    let size = |state: &engine::State| serde_json::to_string(state).unwrap().len();
    let mut world = World::new(&plan, Value::Null);
    world.start();
    assert!(size(&world.state) < 100, "{}", size(&world.state));
    // The worst: each has failed, and waits for a further try.
    let (run, mut state) = (crate::world::run_id(1), world.state.clone());
    for name in &names {
        let error = engine::NodeError::new(engine::names::TASK_FAILED, "x".repeat(1000));
        let event = Event::Closed {
            step: step(name),
            outcome: engine::StepOutcome::Failed(error),
        };
        state = engine::advance(&plan, &run, state, event).0;
    }
    assert!(size(&state) < 1024, "{}", size(&state));
    let read: engine::State =
        serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
    assert_eq!(read, state);
    assert!(read.fits(&plan));
}
