//! Scenarios, each small enough to be checked exhaustively.

use crate::{Asked, Busy, Faults, Flaws, Looks, Plan, Protocol, Relay, Request};

/// A scenario with a name.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it is about.
    pub name: &'static str,
    /// What there is in it.
    pub protocol: Protocol,
}

/// No faults.
const NONE: Faults = Faults {
    crashes: 0,
    lost_jobs: 0,
    double_jobs: 0,
    lost_bells: 0,
    double_deliveries: 0,
    double_records: 0,
    slow_daemons: 0,
    deadlines: 0,
    archived: 0,
};

/// One request and one daemon, nobody is told, nothing goes wrong.
fn small() -> Protocol {
    Protocol {
        plan: Plan::Single,
        busy: Busy::Refuse,
        relay: Relay::LeftOut,
        looks: Looks::Always,
        processes: 2,
        daemons: 1,
        losses: 2,
        requests: vec![start(1, 1)],
        faults: NONE,
        flaws: Flaws::default(),
    }
}

/// A request to start, made at a time, with the key of its origin.
const fn start(asked: u8, key: u8) -> Request {
    Request::Start {
        asked: Asked(asked),
        key,
    }
}

/// A request to stop, made at a time.
const fn stop(asked: u8) -> Request {
    Request::Stop(Asked(asked))
}

/// All of them.
pub fn scenarios() -> Vec<Scenario> {
    let scenario = |name, protocol| Scenario { name, protocol };
    vec![
        scenario("one run", Protocol { ..small() }),
        scenario(
            "one run with crashes",
            Protocol {
                faults: Faults {
                    crashes: 2,
                    lost_jobs: 1,
                    lost_bells: 1,
                    ..NONE
                },
                ..small()
            },
        ),
        scenario(
            "one run is told",
            Protocol {
                relay: Relay::Tells,
                faults: Faults {
                    crashes: 1,
                    ..NONE
                },
                ..small()
            },
        ),
        scenario(
            "a stop",
            Protocol {
                requests: vec![start(1, 1), stop(2)],
                faults: Faults {
                    crashes: 1,
                    ..NONE
                },
                ..small()
            },
        ),
    ]
}
