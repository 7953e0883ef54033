//! What others promise, requirement by requirement, and where it holds here.
//!
//! The numbers are those of the public suite for AWS Lambda's durable functions (171 language-neutral requirements), the
//! words are ours. A step is a node that somebody else does, a child context a body, a callback a wait, an invocation a
//! sub-run, a map a `for_each`, a parallel several connections from one node.

mod behaviour;

use std::{collections::BTreeMap, fs, path::PathBuf};

/// Whether a requirement holds.
enum Verdict {
    /// It holds; this test shows it.
    Holds(&'static str),
    /// It is about something that is not here.
    DoesNotApply(&'static str),
}

use Verdict::{DoesNotApply, Holds};

const SEQUENCE: Verdict = Holds(
    "tests/engine/conformance/behaviour.rs::steps_follow_one_another_and_hand_on_what_they_give",
);
const SHAPES: Verdict =
    Holds("tests/engine/conformance/behaviour.rs::values_of_every_shape_are_handed_on");
const NAMES: Verdict = Holds("src/path.rs::paths_are_written_and_read");
const ONCE: Verdict = Holds("tests/engine/random.rs::nothing_is_lost_and_nothing_is_done_twice");
const RULES: Verdict = Holds("tests/engine/failures.rs::rules_decide_as_in_the_states_language");
const CAUGHT: Verdict = Holds("tests/engine/failures.rs::what_is_caught_leads_on_with_the_failure");
const DELAYS: Verdict = Holds("src/retry.rs::delays_grow_as_in_the_states_language");
const WAITS: Verdict =
    Holds("tests/engine/conformance/behaviour.rs::waits_follow_one_another_and_may_be_long");
const ANSWERS: Verdict =
    Holds("tests/engine/conformance/behaviour.rs::answers_come_in_any_order_in_time_or_not");
const BODIES: Verdict = Holds(
    "tests/engine/conformance/behaviour.rs::bodies_stand_in_bodies_and_give_what_their_ends_give",
);
const BODY_FAILS: Verdict = Holds(
    "tests/engine/conformance/behaviour.rs::what_fails_in_a_body_fails_its_node_which_may_catch_it",
);
const CHILDREN: Verdict =
    Holds("tests/engine/conformance/behaviour.rs::other_runs_are_started_and_waited_for");
const POLLING: Verdict =
    Holds("tests/engine/conformance/behaviour.rs::a_condition_is_looked_at_until_it_holds");
const SUBMITTED: Verdict =
    Holds("tests/engine/conformance/behaviour.rs::what_is_handed_in_is_answered_later");
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
    "tests/engine/conformance/behaviour.rs::large_values_are_handed_on_and_too_large_ones_are_a_failure",
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
            Holds("tests/engine/conformance/behaviour.rs::items_know_their_place"),
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
