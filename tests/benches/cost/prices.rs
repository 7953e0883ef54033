//! What AWS asks for, and what is assumed where a machine cannot count.

use std::collections::BTreeMap;

/// Dollars for a million of each, us-east-1, on demand, as published in November 2026.
const WRITE_UNITS: f64 = 0.625;
const READ_UNITS: f64 = 0.125;
const QUEUE_REQUESTS: f64 = 0.40;
const INVOCATIONS: f64 = 0.20;
const SCHEDULED_TICKS: f64 = 1.00;
/// Dollars for a million seconds with a gigabyte of memory, on arm64.
const GIGABYTE_SECONDS: f64 = 13.33;

/// How many milliseconds of an invocation are billed, assumed: a call of an AWS service takes about five, a call
/// of GitHub about a hundred, and writing a comment about three hundred. No machine but AWS can measure it.
const MILLISECONDS: [(&str, f64); 5] = [
    // One queue send, or none for an echo.
    ("webhook", 7.0),
    // One question to GitHub, three writes, two reads and a send.
    ("triage", 130.0),
    // Between a claim of a few calls to the table and a credential minted at GitHub.
    ("worker", 50.0),
    // A comment written or edited, and noted.
    ("relay", 320.0),
    // Sixteen queries at once.
    ("scheduler", 25.0),
];

/// What was used for one thing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Used {
    pub(crate) writes: f64,
    pub(crate) reads: f64,
    pub(crate) queue: f64,
    pub(crate) invocations: BTreeMap<&'static str, f64>,
    /// Fires of EventBridge Scheduler.
    pub(crate) ticks: f64,
}

impl Used {
    pub(crate) fn calls(&self) -> f64 {
        self.invocations.values().sum()
    }

    /// Dollars for the table and the queues, for a million of these.
    pub(crate) fn data(&self) -> f64 {
        self.writes * WRITE_UNITS + self.reads * READ_UNITS + self.queue * QUEUE_REQUESTS
    }

    /// Dollars for the functions, for a million of these. `memory` says how many MiB each has.
    pub(crate) fn compute(&self, memory: &BTreeMap<String, u32>) -> f64 {
        let of_one = |(name, times): (&&str, &f64)| {
            let gigabytes = f64::from(memory[*name]) / 1024.0;
            let milliseconds = MILLISECONDS.iter().find(|(of, _)| of == name);
            let seconds = milliseconds.map_or(0.0, |(_, milliseconds)| milliseconds / 1000.0);
            times * (INVOCATIONS + gigabytes * seconds * GIGABYTE_SECONDS)
        };
        self.invocations.iter().map(of_one).sum::<f64>() + self.ticks * SCHEDULED_TICKS
    }
}

/// The least that any design of this kind could do: accept, claim and finish need a conditional write each, and
/// each of the two queues a send, a receive and a deletion.
pub(crate) fn floor() -> Used {
    Used {
        writes: 3.0,
        queue: 6.0,
        ..Used::default()
    }
}

/// What the same job takes when nobody counts: the body in the item that each transition writes again, a
/// transaction for the job and its idempotency key, an index on the state, and an item for each step of its
/// history.
pub(crate) fn naive() -> Used {
    Used {
        writes: 29.0,
        reads: 3.0,
        queue: 3.0,
        ..Used::default()
    }
}

/// Seconds of a month of 30 days.
const MONTH: f64 = 30.0 * 24.0 * 3600.0;
/// How long one empty receive waits.
const LONG_POLL: f64 = 20.0;
/// How many receives Lambda keeps waiting at an idle queue.
const POLLERS: f64 = 5.0;

/// A month in which nothing happens, with `daemons` waiting: Lambda polls the deliveries, each daemon the jobs, and
/// the scheduler looks every minute, which took `tick`. Reading the table's stream for Lambda is free.
pub(crate) fn idle_month(tick: &Used, daemons: f64) -> Used {
    let minutes = MONTH / 60.0;
    Used {
        writes: tick.writes * minutes,
        reads: tick.reads * minutes,
        queue: (POLLERS + daemons) * MONTH / LONG_POLL,
        invocations: BTreeMap::from([("scheduler", minutes)]),
        ticks: minutes,
    }
}
