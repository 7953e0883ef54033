//! What others promise, requirement by requirement, and where it holds here.
//!
//! The numbers are those of the public suite for AWS Lambda's durable functions (171 language-neutral requirements), the
//! words are ours. A step is a node that somebody else does, a child context a body, a callback a wait, an invocation a
//! sub-run, a map a `for_each`, a parallel several connections from one node.

use std::{collections::BTreeMap, fs, path::PathBuf};

use engine::{Ended, Event, Stop};
use serde_json::{Value, json};

use crate::{
    flow::{call, compute, nobody, plan, run},
    world::{Answer, FAILS, World},
};

/// Whether a requirement holds.
enum Verdict {
    /// It holds; this test shows it.
    Holds(&'static str),
    /// It is about something that is not here.
    DoesNotApply(&'static str),
}

use Verdict::{DoesNotApply, Holds};

const SEQUENCE: Verdict =
    Holds("tests/engine/conformance.rs::steps_follow_one_another_and_hand_on_what_they_give");
const SHAPES: Verdict = Holds("tests/engine/conformance.rs::values_of_every_shape_are_handed_on");
const NAMES: Verdict = Holds("src/path.rs::paths_are_written_and_read");
const ONCE: Verdict = Holds("tests/engine/random.rs::nothing_is_lost_and_nothing_is_done_twice");
const RULES: Verdict = Holds("tests/engine/failures.rs::rules_decide_as_in_the_states_language");
const CAUGHT: Verdict = Holds("tests/engine/failures.rs::what_is_caught_leads_on_with_the_failure");
const DELAYS: Verdict = Holds("src/retry.rs::delays_grow_as_in_the_states_language");
const WAITS: Verdict =
    Holds("tests/engine/conformance.rs::waits_follow_one_another_and_may_be_long");
const ANSWERS: Verdict =
    Holds("tests/engine/conformance.rs::answers_come_in_any_order_in_time_or_not");
const BODIES: Verdict =
    Holds("tests/engine/conformance.rs::bodies_stand_in_bodies_and_give_what_their_ends_give");
const BODY_FAILS: Verdict =
    Holds("tests/engine/conformance.rs::what_fails_in_a_body_fails_its_node_which_may_catch_it");
const CHILDREN: Verdict =
    Holds("tests/engine/conformance.rs::other_runs_are_started_and_waited_for");
const POLLING: Verdict =
    Holds("tests/engine/conformance.rs::a_condition_is_looked_at_until_it_holds");
const SUBMITTED: Verdict =
    Holds("tests/engine/conformance.rs::what_is_handed_in_is_answered_later");
const BRANCHES: Verdict =
    Holds("tests/engine/flow.rs::a_node_waits_for_all_that_lead_to_it_and_knows_them_by_name");
const FIRST: Verdict =
    Holds("tests/engine/flow.rs::a_merge_of_any_goes_on_with_the_first_and_may_end_the_others");
const BESIDE: Verdict =
    Holds("tests/engine/failures.rs::a_failure_that_nothing_catches_ends_what_is_beside_it");
const EACH: Verdict =
    Holds("tests/engine/bodies.rs::a_body_runs_for_each_item_as_many_at_once_as_may");
const TOLERATED: Verdict = Holds("tests/engine/bodies.rs::as_many_items_may_fail_as_is_said");
const ENOUGH: Verdict = Holds("tests/engine/bodies.rs::enough_successes_end_the_others");
const PERCENT: Verdict = Holds("tests/engine/bodies.rs::failures_may_be_counted_in_a_hundred");
const LARGE: Verdict = Holds(
    "tests/engine/conformance.rs::large_values_are_handed_on_and_too_large_ones_are_a_failure",
);

const SERDES: Verdict =
    DoesNotApply("values are JSON everywhere; no code of a user serialises them");
const LOGGER: Verdict =
    DoesNotApply("nodes have no code that could log while it is replayed; nothing is replayed");
const DEFAULT_RETRY: Verdict = DoesNotApply("nothing is tried again unless the definition says so");
const AT_MOST_ONCE: Verdict = DoesNotApply(
    "whether a try may be repeated is held by whoever makes it; the engine gives each try one key",
);
const UNITS: Verdict = DoesNotApply("times are seconds");
const HEARTBEAT: Verdict =
    DoesNotApply("nobody is at work on an answer, so there is no heartbeat; jobs have one");
const TENANT: Verdict = DoesNotApply("a run starts others of its own tenant alone");
const COUNTED: Verdict = DoesNotApply(
    "branches are nodes, each with its own rules for failures; counting them is for_each's",
);
const VIRTUAL: Verdict = DoesNotApply("there is no history of contexts that could be left out");
const NAMER: Verdict = DoesNotApply("items are known by their place");
const PLUGINS: Verdict =
    DoesNotApply("there are no plug-ins; what happens is told by the history and by spans");

/// The requirements of one group: each with its verdict, from 1 on.
const TABLE: &[(u8, &[Verdict])] = &[
    // Steps: plain, named, in sequence, objects, null, serialising, logging, replay (3), retries (6), at most once (2),
    // failing for good, caught.
    (
        1,
        &[
            SEQUENCE,
            NAMES,
            SEQUENCE,
            SHAPES,
            SHAPES,
            SERDES,
            LOGGER,
            ONCE,
            ONCE,
            CAUGHT,
            RULES,
            RULES,
            DEFAULT_RETRY,
            DELAYS,
            RULES,
            RULES,
            AT_MOST_ONCE,
            AT_MOST_ONCE,
            RULES,
            CAUGHT,
        ],
    ),
    // Waits: plain, named, several, units, an hour.
    (2, &[WAITS, NAMES, WAITS, UNITS, WAITS]),
    // Child contexts.
    (
        3,
        &[
            BODIES, NAMES, BODIES, BODY_FAILS, BODY_FAILS, BODIES, BODY_FAILS, BODY_FAILS, ONCE,
            BODIES, LARGE, ONCE, ONCE, SERDES, BODY_FAILS, BODIES, LOGGER, BODIES,
        ],
    ),
    // Callbacks.
    (
        4,
        &[
            ANSWERS, NAMES, ANSWERS, HEARTBEAT, HEARTBEAT, ANSWERS, ANSWERS, ANSWERS, ANSWERS,
            ANSWERS, ANSWERS, WAITS, CAUGHT, CAUGHT, SHAPES, SERDES, ANSWERS, ANSWERS, ANSWERS,
        ],
    ),
    // Invocations.
    (
        5,
        &[
            CHILDREN, NAMES, SHAPES, SHAPES, CHILDREN, CHILDREN, LARGE, TENANT, ONCE, CAUGHT,
            SEQUENCE, SEQUENCE, CHILDREN, SEQUENCE, SERDES, SERDES,
        ],
    ),
    // Waits for a condition.
    (
        6,
        &[
            POLLING, POLLING, NAMES, POLLING, POLLING, POLLING, BODY_FAILS, BODY_FAILS, SHAPES,
            SHAPES, SERDES, POLLING, POLLING,
        ],
    ),
    // Waits for a callback that is handed in first.
    (
        7,
        &[
            SUBMITTED, NAMES, NAMES, ANSWERS, ANSWERS, CAUGHT, RULES, BODIES, SUBMITTED, SUBMITTED,
            SHAPES, HEARTBEAT, HEARTBEAT, CAUGHT, SHAPES,
        ],
    ),
    // Parallels.
    (
        8,
        &[
            BRANCHES,
            NAMES,
            NAMES,
            SHAPES,
            DoesNotApply("a parallel without branches is no node"),
            BESIDE,
            BESIDE,
            FIRST,
            CAUGHT,
            COUNTED,
            BRANCHES,
            VIRTUAL,
            COUNTED,
            ONCE,
            SERDES,
            CAUGHT,
            COUNTED,
            COUNTED,
            DoesNotApply("branches begin at once; as many as may is for_each's"),
            CAUGHT,
            BODIES,
            COUNTED,
        ],
    ),
    // Maps.
    (
        9,
        &[
            EACH,
            NAMES,
            Holds("tests/engine/conformance.rs::items_know_their_place"),
            EACH,
            TOLERATED,
            TOLERATED,
            ENOUGH,
            TOLERATED,
            TOLERATED,
            PERCENT,
            EACH,
            VIRTUAL,
            NAMER,
            SERDES,
            ONCE,
            LARGE,
            ONCE,
            ONCE,
            SERDES,
            SERDES,
        ],
    ),
];

/// How many requirements each group has.
const COUNTS: [(u8, usize); 9] = [
    (1, 20),
    (2, 5),
    (3, 18),
    (4, 19),
    (5, 16),
    (6, 13),
    (7, 15),
    (8, 22),
    (9, 20),
];

/// What the Amazon States Language says of failures.
const STATES_LANGUAGE: &[(&str, Verdict)] = &[
    (
        "retriers are looked at in order, and the first that matches decides",
        RULES,
    ),
    ("each retrier counts its own tries", RULES),
    ("MaxAttempts 0 means that nothing is tried again", DELAYS),
    (
        "the defaults are 1 second, 3 tries, twice as long each time",
        DELAYS,
    ),
    ("MaxDelaySeconds bounds the delay", DELAYS),
    (
        "JitterStrategy FULL draws from nothing to the delay",
        Holds("src/retry.rs::jitter_is_from_nothing_to_the_whole_delay"),
    ),
    ("catchers are looked at when no retrier is left", RULES),
    ("a catcher hands on Error and Cause", CAUGHT),
    (
        "States.ALL stands alone and last",
        Holds("tests/engine/definitions.rs::what_is_wrong_is_said_with_path_reason_and_fix"),
    ),
    (
        "States.ALL does not match States.DataLimitExceeded and States.Runtime",
        Holds("src/retry.rs::rules_match_as_in_the_states_language"),
    ),
    (
        "States.TaskFailed matches anything but States.Timeout",
        Holds("src/retry.rs::rules_match_as_in_the_states_language"),
    ),
    (
        "ToleratedFailureCount and ToleratedFailurePercentage bound the failures of a map",
        PERCENT,
    ),
    (
        "redrive keeps what succeeded",
        Holds("tests/engine/redrive.rs::what_succeeded_is_taken_over_and_the_rest_is_done"),
    ),
    (
        "ResultPath, InputPath and OutputPath",
        DoesNotApply("what is handed on is converted by JSONata, as in the newer language"),
    ),
];

#[test]
fn every_requirement_has_a_verdict_and_every_verdict_a_test_or_a_reason() {
    let mut held: BTreeMap<&str, usize> = BTreeMap::new();
    let groups: Vec<(u8, usize)> = TABLE
        .iter()
        .map(|(group, rows)| (*group, rows.len()))
        .collect();
    assert_eq!(groups, COUNTS);
    let plugins = (0..23).map(|_| &PLUGINS);
    let durable = TABLE
        .iter()
        .flat_map(|(_, rows)| rows.iter())
        .chain(plugins);
    let all: Vec<&Verdict> = durable
        .chain(STATES_LANGUAGE.iter().map(|(_, verdict)| verdict))
        .collect();
    assert_eq!(all.len(), 171 + STATES_LANGUAGE.len());
    for verdict in all {
        match verdict {
            Holds(test) => *held.entry(test).or_default() += 1,
            DoesNotApply(reason) => assert!(reason.len() > 10, "{reason}"),
        }
    }
    for test in held.keys() {
        let (file, name) = test.split_once("::").unwrap();
        let code =
            fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        assert!(
            code.contains(&format!("fn {name}(")),
            "{file} has no {name}"
        );
    }
    let holds: usize = held.values().sum();
    println!(
        "{holds} hold, {} do not apply",
        171 + STATES_LANGUAGE.len() - holds
    );
}

fn wait(id: &str) -> String {
    format!("{id}: {{type: flow, subtype: wait, parameters: {{for: event, key: {id}}}}}")
}

fn guard(id: &str, nodes: &str, connections: &str, more: &str) -> String {
    format!(
        "{id}: {{type: flow, subtype: timeout, body: {{nodes: {{{nodes}}}, connections: [{connections}]}}{more}}}"
    )
}

#[test]
fn steps_follow_one_another_and_hand_on_what_they_give() {
    let nodes = [
        call("one"),
        compute("add", "$input + 1"),
        call("two"),
        compute("all", "[$nodes.one, $nodes.two]"),
    ];
    let plan = plan(
        &nodes,
        &[
            ("start", "one"),
            ("one", "add"),
            ("add", "two"),
            ("two", "all"),
        ],
    );
    let over = run(&plan, Value::Null, |order| {
        if order.step.path.node() == "one" {
            return Answer::Done(json!(1));
        }
        assert_eq!(order.parameters["input"], json!(2));
        Answer::Done(json!(3))
    });
    assert_eq!(
        (over.result(), over.asked()),
        (json!([1, 3]), vec!["one#1", "two#1"])
    );
}

#[test]
fn values_of_every_shape_are_handed_on() {
    let plan = plan(
        &[call("give"), compute("take", "$input")],
        &[("start", "give"), ("give", "take")],
    );
    for value in [
        json!(null),
        json!(7),
        json!("text"),
        json!([1, [2]]),
        json!({"a": {"b": [true, null, 1.5]}}),
    ] {
        assert_eq!(
            run(&plan, Value::Null, |_| Answer::Done(value.clone())).result(),
            value
        );
    }
}

#[test]
fn waits_follow_one_another_and_may_be_long() {
    let delay = |id: &str, seconds: u32| {
        format!("{id}: {{type: flow, subtype: delay, parameters: {{seconds: {seconds}}}}}")
    };
    let nodes = [
        delay("short", 1),
        delay("hour", 3600),
        delay("month", 2_592_000),
        compute("then", "$input"),
    ];
    let plan = plan(
        &nodes,
        &[
            ("start", "short"),
            ("short", "hour"),
            ("hour", "month"),
            ("month", "then"),
        ],
    );
    let over = run(&plan, json!("as it was"), |_| Answer::Done(Value::Null));
    assert_eq!(over.asked(), ["short#1", "hour#1", "month#1"]);
    assert_eq!(over.result(), json!("as it was"));
}

#[test]
fn answers_come_in_any_order_in_time_or_not() {
    let plan = plan(
        &[wait("a"), wait("b"), call("beside"), compute("both", "$")],
        &[
            ("start", "a"),
            ("start", "b"),
            ("start", "beside"),
            ("a", "both"),
            ("b", "both"),
        ],
    );
    let answer = |order: &engine::Order| Answer::Done(json!(order.step.path.node()));
    for first in ["a", "b"] {
        let mut late = true;
        let over = run(&plan, Value::Null, |order| {
            // The one that is asked for first may be answered last.
            if std::mem::take(&mut late) && order.step.path.node() != first {
                Answer::Silent
            } else {
                answer(order)
            }
        });
        if first == "a" {
            assert_eq!(over.output("both"), &json!({"a": "a", "b": "b"}));
        } else {
            assert_eq!(over.failed_by(), "States.Timeout");
        }
    }
    let over = run(&plan, Value::Null, |order| match order.step.path.node() {
        "b" => FAILS,
        _ => answer(order),
    });
    assert_eq!(over.failed_by(), "States.TaskFailed");
}

#[test]
fn bodies_stand_in_bodies_and_give_what_their_ends_give() {
    let inner = guard(
        "inner",
        &format!("{}, {}", call("one"), call("two")),
        "{from: one, to: two}",
        "",
    );
    let later = "later: {type: flow, subtype: delay, parameters: {seconds: 9}}";
    let outer = guard(
        "outer",
        &format!("{inner}, {later}"),
        "{from: inner, to: later}",
        "",
    );
    let plan = plan(
        &[outer, call("after")],
        &[("start", "outer"), ("outer", "after")],
    );
    let over = run(&plan, Value::Null, |order| {
        match order.step.path.to_string().as_str() {
            "outer" | "outer.0.inner" => Answer::Silent,
            "outer.0.inner.0.two" => Answer::Done(Value::Null),
            path => Answer::Done(json!(path)),
        }
    });
    assert_eq!(over.ended(), &Ended::Succeeded);
    assert_eq!(over.output("outer"), &Value::Null);
    assert_eq!(over.asked().last(), Some(&"after#1"));
}

#[test]
fn what_fails_in_a_body_fails_its_node_which_may_catch_it() {
    let step = "one: {type: action, subtype: http_request, parameters: {url: 'https://a.example'}, retry: [{errors: [States.ALL], max_attempts: 1}]}";
    for (catch, caught) in [("", false), (", catch: [{errors: [States.ALL]}]", true)] {
        let plan = plan(&[guard("body", step, "", catch)], &[("start", "body")]);
        let failing = |most: usize| {
            let mut failed = 0;
            move |order: &engine::Order| {
                if order.step.path.node() == "body" {
                    return Answer::Silent;
                }
                failed += 1;
                if failed <= most {
                    FAILS
                } else {
                    Answer::Done(json!("done"))
                }
            }
        };
        assert_eq!(run(&plan, Value::Null, failing(1)).result(), json!("done"));
        let over = run(&plan, Value::Null, failing(2));
        assert_eq!(over.ended() == &Ended::Succeeded, caught);
    }
}

#[test]
fn other_runs_are_started_and_waited_for() {
    let child = |catch: &str| {
        format!(
            "child: {{type: flow, subtype: sub_run, parameters: {{definition: implement, input: {{of: '{{% $input %}}'}}}}{catch}}}"
        )
    };
    let plain = plan(&[child("")], &[("start", "child")]);
    let echo =
        |order: &engine::Order| Answer::Done(order.parameters["parameters"]["input"].clone());
    assert_eq!(run(&plain, json!([1]), echo).result(), json!({"of": [1]}));
    assert_eq!(
        run(&plain, json!(1), |_| FAILS).failed_by(),
        "States.TaskFailed"
    );
    assert_eq!(
        run(&plain, json!(1), |_| Answer::Unchanged).ended(),
        &Ended::Unchanged
    );
    let caught = plan(
        &[child(", catch: [{errors: [States.ALL]}]")],
        &[("start", "child")],
    );
    assert_eq!(run(&caught, json!(1), |_| FAILS).ended(), &Ended::Succeeded);
}

#[test]
fn a_condition_is_looked_at_until_it_holds() {
    let body = format!(
        "{}, pause: {{type: flow, subtype: delay, parameters: {{seconds: 5}}}}",
        call("look")
    );
    let poll = format!(
        "poll: {{type: flow, subtype: while, parameters: {{condition: '$iteration = 0 or $last.ready != true', max_iterations: 5}}, body: {{nodes: {{{body}}}, connections: [{{from: look, to: pause}}]}}}}"
    );
    let plan = plan(
        &[poll, compute("then", "$input.at")],
        &[("start", "poll"), ("poll", "then")],
    );
    let ready_at = |most: u32| {
        let mut looked = 0;
        move |order: &engine::Order| {
            if order.step.path.node() == "pause" {
                return Answer::Done(Value::Null);
            }
            looked += 1;
            Answer::Done(json!({"ready": looked >= most, "at": looked}))
        }
    };
    assert_eq!(run(&plan, Value::Null, ready_at(1)).result(), json!(1));
    assert_eq!(run(&plan, Value::Null, ready_at(3)).result(), json!(3));
    assert_eq!(
        run(&plan, Value::Null, ready_at(9)).failed_by(),
        "States.LoopLimitExceeded"
    );
}

#[test]
fn what_is_handed_in_is_answered_later() {
    let nodes = [
        call("hand_in"),
        wait("answer"),
        call("next"),
        wait("second"),
    ];
    let plan = plan(
        &nodes,
        &[
            ("start", "hand_in"),
            ("hand_in", "answer"),
            ("answer", "next"),
            ("next", "second"),
        ],
    );
    let over = run(&plan, Value::Null, |order| {
        Answer::Done(json!(order.step.path.node()))
    });
    assert_eq!(
        over.asked(),
        ["hand_in#1", "answer#1", "next#1", "second#1"]
    );
    assert_eq!(over.result(), json!("second"));
}

#[test]
fn large_values_are_handed_on_and_too_large_ones_are_a_failure() {
    let each =
        "each: {type: flow, subtype: for_each, body: {nodes: {one: {type: flow, subtype: merge}}}}";
    let whole = plan(&[each.to_owned()], &[("start", "each")]);
    let items = json!(["x".repeat(300_000), "y".repeat(300_000)]);
    assert_eq!(run(&whole, items.clone(), nobody).result(), items);
    let double = "$join($map([1..2000], function($i) { $input }))";
    let node = compute("large", double);
    let plan = plan(&[node], &[("start", "large")]);
    let over = run(&plan, json!("x".repeat(1000)), nobody);
    assert_eq!(over.failed_by(), "States.QueryEvaluationError");
    let whole = plan_of_two_copies();
    let over = run(&whole, json!("x".repeat(600_000)), nobody);
    assert_eq!(over.failed_by(), "States.DataLimitExceeded");
}

/// Each half fits, and both together do not.
fn plan_of_two_copies() -> engine::Plan {
    plan(
        &[
            "a: {type: flow, subtype: merge}".to_owned(),
            "b: {type: flow, subtype: merge}".to_owned(),
            "both: {type: flow, subtype: merge}".to_owned(),
        ],
        &[("start", "a"), ("start", "b"), ("a", "both"), ("b", "both")],
    )
}

#[test]
fn items_know_their_place() {
    let each = "each: {type: flow, subtype: for_each, parameters: {concurrency: 1}, body: {nodes: {sum: {type: action, subtype: data_transformation, parameters: {expression: $item + $index}}}}}";
    let plan = plan(&[each.to_owned()], &[("start", "each")]);
    assert_eq!(
        run(&plan, json!([10, 20, 30]), nobody).result(),
        json!([10, 21, 32])
    );
}

#[test]
fn a_stopped_run_closes_what_is_in_bodies_too() {
    let plan = plan(&[guard("body", &call("one"), "", "")], &[("start", "body")]);
    let mut world = World::new(&plan, Value::Null);
    world.start();
    world.happens(Event::Stop(Stop::Expired));
    assert_eq!(world.state.ended(), Some(&Ended::Expired));
    assert_eq!(
        world.log[2..],
        [
            "close body.0.one#1 Expired",
            "close body#1 Expired",
            "end Expired"
        ]
    );
}
