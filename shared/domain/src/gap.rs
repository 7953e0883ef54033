//! Deliveries that the provider could not bring: nobody listened, or it was refused.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::DeliveryId;

/// How often a delivery is brought in all before it is given up.
const ATTEMPTS: u32 = 6;
/// The wait after the first attempt; it doubles with each.
const WAIT: SignedDuration = SignedDuration::from_secs(30);
/// How much older than the newest one an attempt may be that is not in the list yet.
const LAG: SignedDuration = SignedDuration::from_mins(2);
/// How many are asked for in one look, so that a flood does not follow an outage.
const AT_ONCE: usize = 50;

/// The provider's number for one attempt to bring a delivery.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct AttemptId(pub u64);

impl std::fmt::Display for AttemptId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&self.0, f)
    }
}

/// One attempt of the provider to bring a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryAttempt {
    /// Its number.
    pub id: AttemptId,
    /// The delivery, which is the same for every attempt.
    pub delivery: DeliveryId,
    /// The provider's name for what happened.
    pub event: String,
    /// When, by the provider's clock.
    pub at: Timestamp,
    /// What became of it.
    pub arrival: Arrival,
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It was accepted.
    Taken,
    /// Nobody answered, or it was refused.
    Failed,
    /// It is larger than is ever taken.
    TooLarge,
}

/// What to do about the gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapPlan {
    /// What to ask for again, oldest first.
    pub again: Vec<AttemptId>,
    /// How many were tried for as long as makes sense, or are too large.
    pub lost: usize,
    /// Everything up to here is settled: the next look need not go back further.
    pub settled_until: Timestamp,
}

/// How far back the provider remembers what it has sent.
pub const REMEMBERED: SignedDuration = SignedDuration::from_hours(72);

/// Decides at `now` what to do about the deliveries of which `attempts` are known. One that was taken once has
/// arrived, however often it failed.
pub fn close_gaps(attempts: &[DeliveryAttempt], now: Timestamp) -> GapPlan {
    let mut deliveries: BTreeMap<&str, Vec<&DeliveryAttempt>> = BTreeMap::new();
    for attempt in attempts {
        let of = deliveries.entry(attempt.delivery.as_str()).or_default();
        of.push(attempt);
    }
    // How far the list goes is told by the provider's own clock.
    let newest = attempts.iter().map(|attempt| attempt.at).max();
    let now = newest.map_or(now, |newest| newest.max(now));
    let mut plan = GapPlan {
        again: Vec::new(),
        lost: 0,
        settled_until: newest.map_or(Timestamp::MIN, |newest| newest - LAG),
    };
    let mut due = Vec::new();
    for tried in deliveries.values() {
        match state(tried, now) {
            State::Settled => {}
            State::Lost => plan.lost += 1,
            State::Open { since, again } => {
                plan.settled_until = plan.settled_until.min(since);
                due.extend(again.map(|id| (since, id)));
            }
        }
    }
    due.sort_unstable();
    plan.again = due.into_iter().map(|(_, id)| id).take(AT_ONCE).collect();
    plan
}

enum State {
    Settled,
    Lost,
    Open {
        since: Timestamp,
        again: Option<AttemptId>,
    },
}

fn state(tried: &[&DeliveryAttempt], now: Timestamp) -> State {
    if tried.iter().any(|one| one.arrival == Arrival::Taken) {
        return State::Settled;
    }
    let (Some(newest), Some(oldest)) = (
        tried.iter().max_by_key(|one| (one.at, one.id)),
        tried.iter().min_by_key(|one| one.at),
    ) else {
        return State::Settled;
    };
    let times = u32::try_from(tried.len()).unwrap_or(u32::MAX);
    if times >= ATTEMPTS || newest.arrival == Arrival::TooLarge {
        return State::Lost;
    }
    let wait = WAIT.saturating_mul(1 << (times - 1));
    State::Open {
        since: oldest.at,
        again: (now.duration_since(newest.at) >= wait).then_some(newest.id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn attempt(id: u64, guid: &str, second: i64, arrival: Arrival) -> DeliveryAttempt {
        DeliveryAttempt {
            id: AttemptId(id),
            delivery: guid.parse().unwrap(),
            event: "issue_comment".to_owned(),
            at: at(second),
            arrival,
        }
    }

    #[test]
    fn what_failed_is_asked_for_again_and_what_arrived_is_not() {
        let attempts = [
            attempt(5, "c", 900, Arrival::Failed),
            attempt(4, "b", 300, Arrival::Taken),
            attempt(3, "b", 200, Arrival::Failed),
            attempt(2, "a", 100, Arrival::Failed),
            attempt(1, "large", 50, Arrival::TooLarge),
        ];
        let plan = close_gaps(&attempts, at(1000));
        let expected = GapPlan {
            again: vec![AttemptId(2), AttemptId(5)],
            lost: 1,
            settled_until: at(100),
        };
        assert_eq!(plan, expected);
        let nothing = close_gaps(&attempts[1..3], at(1000));
        assert_eq!(nothing.settled_until, at(180));
    }

    #[test]
    fn the_waits_double_and_come_to_an_end() {
        let mut attempts = vec![attempt(0, "a", 0, Arrival::Failed)];
        let mut waits = Vec::new();
        for second in 0..100_000 {
            let plan = close_gaps(&attempts, at(second));
            if plan.lost > 0 {
                break;
            }
            if let [again] = plan.again[..] {
                let newest = attempts.last().unwrap();
                assert_eq!(again, newest.id);
                waits.push(second - newest.at.as_second());
                let id = newest.id.0 + 1;
                attempts.push(attempt(id, "a", second, Arrival::Failed));
            }
        }
        assert_eq!(waits, [30, 60, 120, 240, 480]);
    }

    #[test]
    fn a_flood_is_let_in_by_and_by() {
        let attempts: Vec<_> = (0..500)
            .map(|id| attempt(id, &format!("guid-{id}"), 0, Arrival::Failed))
            .collect();
        assert_eq!(close_gaps(&attempts, at(60)).again.len(), AT_ONCE);
    }
}
