//! Scenarios, each small enough to be checked exhaustively.

use crate::{Busy, Faults, Flaws, Key, Looks, NotUnderstood, Plan, Protocol, Relay};

/// A scenario with a name.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it is about.
    pub name: &'static str,
    /// What there is in it.
    pub protocol: Protocol,
}

/// The scenarios, in words: what differs from [`small`].
const SCENARIOS: &[(&str, &str)] = &[
    // Without a scheduler: nothing waits for a due time as long as nothing goes wrong.
    ("a stop at once", "blind told start=1/1 stop=2"),
    ("two nodes at once", "blind told sequence start=1/1"),
    ("any of two at once", "blind any daemons=2 start=1/1"),
    (
        "any of two and a stop at once",
        "blind any daemons=2 start=1/1 stop=2",
    ),
    ("waiting at once", "blind wait start=1/1 start=2/2"),
    (
        "a stop for all at once",
        "blind wait start=1/1 start=2/2 stop=3",
    ),
    (
        "a stop for some at once",
        "blind wait start=1/1 start=3/2 stop=2",
    ),
    ("a key of its own at once", "blind own start=1/1 stop=2"),
    // With a scheduler that looks at any time.
    ("one run", "start=1/1 crashes=2"),
    ("told", "told start=1/1 crashes=1"),
    ("told twice", "told start=1/1 double_records=1"),
    (
        "told of a stop",
        "told processes=1 start=1/1 stop=2 crashes=1",
    ),
    ("a stop", "start=1/1 stop=2 crashes=1"),
    ("a stop at the same time", "start=1/1 stop=1 lost_bells=1"),
    ("an old stop", "start=2/1 stop=1 double_deliveries=2"),
    (
        "a stop that comes again",
        "processes=1 start=1/1 stop=2 double_deliveries=2 crashes=1",
    ),
    (
        "a key of its own",
        "processes=1 own start=1/1 stop=2 double_deliveries=2",
    ),
    (
        "a key of its own with a crash",
        "processes=1 own start=1/1 stop=2 crashes=2",
    ),
    ("two requests", "start=1/1 start=2/2"),
    (
        "two requests with a crash",
        "processes=1 start=1/1 start=2/2 crashes=1",
    ),
    ("one request by two deliveries", "start=1/1 start=1/1"),
    (
        "a request that comes again",
        "processes=1 start=1/1 start=2/2 crashes=1 double_deliveries=1",
    ),
    (
        "an archived definition",
        "processes=1 start=1/1 start=2/2 crashes=1 archived=1",
    ),
    (
        "waiting",
        "processes=1 wait start=1/1 start=2/2 crashes=1 double_deliveries=1",
    ),
    (
        "waiting and a stop",
        "processes=1 wait start=1/1 start=2/2 stop=3 crashes=1",
    ),
    (
        "waiting and told",
        "told processes=1 wait start=1/1 start=2/2",
    ),
    (
        "two nodes by two",
        "blind sequence start=1/1 double_bells=2",
    ),
    (
        "two nodes",
        "processes=1 sequence start=1/1 crashes=2 lost_jobs=1",
    ),
    (
        "two nodes and a stop",
        "processes=1 sequence start=1/1 stop=2 crashes=1",
    ),
    (
        "any of two",
        "processes=1 any start=1/1 lost_jobs=1 crashes=1",
    ),
    (
        "two daemons",
        "processes=1 daemons=2 start=1/1 slow_daemons=1 double_jobs=1 lost_jobs=1 crashes=1",
    ),
    (
        "three losses",
        "processes=1 daemons=2 start=1/1 slow_daemons=3 losses=3 given_back=1",
    ),
    (
        "a daemon that gives back",
        "processes=1 daemons=2 start=1/1 stop=2 given_back=2 lost_jobs=1",
    ),
    ("a deadline", "start=1/1 deadlines=1 lost_jobs=1"),
    (
        "a deadline and a stop",
        "processes=1 start=1/1 stop=2 deadlines=1 crashes=1 double_jobs=1",
    ),
];

/// Nothing is asked for yet; one daemon, nobody is told, nothing goes wrong.
pub const fn small() -> Protocol {
    Protocol {
        plan: Plan::Single,
        busy: Busy::Refuse,
        key: Key::Shared,
        relay: Relay::LeftOut,
        looks: Looks::Always,
        processes: 2,
        daemons: 1,
        losses: 2,
        requests: Vec::new(),
        faults: Faults::NONE,
        flaws: Flaws::NONE,
    }
}

/// All of them.
pub fn scenarios() -> Result<Vec<Scenario>, NotUnderstood> {
    of(SCENARIOS)
}

/// Those whose ways are kept to be gone with the real code: small ones that together show everything that can happen.
const TO_REPLAY: &[(&str, &str)] = &[
    ("told", "told processes=1 start=1/1"),
    ("told by two", "told start=1/1 double_records=1"),
    ("told after a crash", "told processes=1 start=1/1 crashes=1"),
    ("a stop", "start=1/1 stop=2"),
    ("a key of its own", "processes=1 own start=1/1"),
    ("bells", "blind sequence start=1/1 double_bells=1"),
    ("two requests", "start=1/1 start=2/2 lost_bells=1"),
    (
        "waiting",
        "processes=1 wait start=1/1 start=2/2 lost_bells=1",
    ),
    (
        "waiting and a stop",
        "processes=1 wait start=1/1 start=2/2 stop=3",
    ),
    ("any of two", "blind any daemons=2 start=1/1"),
    (
        "lost, doubled and slow",
        "processes=1 daemons=2 start=1/1 slow_daemons=2 given_back=1 lost_jobs=1 double_jobs=1",
    ),
    (
        "crashes",
        "processes=1 start=1/1 stop=2 crashes=1 double_deliveries=1",
    ),
    ("a deadline", "processes=1 start=1/1 deadlines=1 archived=1"),
];

/// Those whose ways are kept to be gone with the real code.
pub fn to_replay() -> Result<Vec<Scenario>, NotUnderstood> {
    of(TO_REPLAY)
}

fn of(scenarios: &[(&'static str, &str)]) -> Result<Vec<Scenario>, NotUnderstood> {
    let scenarios = scenarios.iter();
    scenarios
        .map(|(name, words)| {
            let protocol = Protocol::in_words(words)?;
            Ok(Scenario { name, protocol })
        })
        .collect()
}
