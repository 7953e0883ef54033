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

/// A delivery to ask for again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The delivery.
    pub delivery: DeliveryId,
    /// The newest attempt to bring it.
    pub attempt: AttemptId,
}

/// What to do about the gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapPlan {
    again: Vec<Gap>,
    lost: Vec<DeliveryId>,
    lost_before: Vec<DeliveryId>,
    open: BTreeMap<DeliveryId, Timestamp>,
    listed_until: Option<Timestamp>,
}

impl GapPlan {
    /// What to ask for again, oldest first.
    pub fn again(&self) -> &[Gap] {
        &self.again
    }

    /// What is lost since the look before: tried for as long as makes sense, too large, or given up.
    pub fn lost(&self) -> &[DeliveryId] {
        &self.lost
    }

    /// All that is lost of what was looked at, so that the next look does not count it once more.
    pub fn all_lost(&self) -> Vec<DeliveryId> {
        [&self.lost[..], &self.lost_before].concat()
    }

    /// Everything up to here is settled: the next look need not go back further. None if nothing was listed.
    pub fn settled_until(&self) -> Option<Timestamp> {
        let open = self.open.values().copied();
        Some(open.fold(self.listed_until?, Timestamp::min))
    }

    /// Takes a delivery for lost that the provider does not bring again.
    pub fn give_up(&mut self, delivery: &DeliveryId) {
        if self.open.remove(delivery).is_some() {
            self.again.retain(|gap| gap.delivery != *delivery);
            self.lost.push(delivery.clone());
        }
    }
}

/// How far back the provider remembers what it has sent.
pub const REMEMBERED: SignedDuration = SignedDuration::from_hours(72);

/// Decides at `now` what to do about the deliveries of which `attempts` are known, beside those that are `lost` already.
/// One that was taken once has arrived, however often it failed.
pub fn close_gaps(attempts: &[DeliveryAttempt], lost: &[DeliveryId], now: Timestamp) -> GapPlan {
    let mut deliveries: BTreeMap<&DeliveryId, Vec<&DeliveryAttempt>> = BTreeMap::new();
    for attempt in attempts {
        deliveries
            .entry(&attempt.delivery)
            .or_default()
            .push(attempt);
    }
    // How far the list goes is told by the provider's own clock.
    let newest = attempts.iter().map(|attempt| attempt.at).max();
    let now = newest.map_or(now, |newest| newest.max(now));
    let mut plan = GapPlan {
        again: Vec::new(),
        lost: Vec::new(),
        lost_before: Vec::new(),
        open: BTreeMap::new(),
        listed_until: newest.map(|newest| newest - LAG),
    };
    let mut due = Vec::new();
    for (delivery, tried) in deliveries {
        match state(&tried, now) {
            State::Settled => {}
            _ if lost.contains(delivery) => plan.lost_before.push(delivery.clone()),
            State::Lost => plan.lost.push(delivery.clone()),
            State::Open { since, again } => {
                plan.open.insert(delivery.clone(), since);
                due.extend(again.map(|attempt| (since, attempt, delivery)));
            }
        }
    }
    due.sort_unstable();
    let due = due.into_iter().take(AT_ONCE);
    plan.again = due
        .map(|(_, attempt, delivery)| Gap {
            delivery: delivery.clone(),
            attempt,
        })
        .collect();
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

    fn ids(deliveries: &[DeliveryId]) -> Vec<&str> {
        deliveries.iter().map(DeliveryId::as_str).collect()
    }

    fn again(plan: &GapPlan) -> Vec<u64> {
        plan.again().iter().map(|gap| gap.attempt.0).collect()
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
        let plan = close_gaps(&attempts, &[], at(1000));
        assert_eq!(again(&plan), [2, 5]);
        assert_eq!(ids(plan.lost()), ["large"]);
        assert_eq!(plan.settled_until(), Some(at(100)));
        let nothing = close_gaps(&attempts[1..3], &[], at(1000));
        assert_eq!(nothing.settled_until(), Some(at(180)));
        assert_eq!(close_gaps(&[], &[], at(1000)).settled_until(), None);
    }

    #[test]
    fn what_is_lost_is_counted_once_and_never_asked_for_again() {
        let attempts = [
            attempt(3, "refused", 900, Arrival::Failed),
            attempt(2, "large", 890, Arrival::TooLarge),
            attempt(1, "open", 880, Arrival::Failed),
        ];
        let mut plan = close_gaps(&attempts, &[], at(1000));
        assert_eq!(again(&plan), [1, 3]);
        plan.give_up(&attempts[0].delivery);
        assert_eq!(again(&plan), [1]);
        assert_eq!(ids(plan.lost()), ["large", "refused"]);
        assert_eq!(plan.settled_until(), Some(at(780)), "the list may lag");

        let lost = plan.all_lost();
        let next = close_gaps(&attempts, &lost, at(1000));
        assert_eq!(again(&next), [1]);
        assert!(next.lost().is_empty());
        assert_eq!(ids(&next.all_lost()), ["large", "refused"]);
        let later = close_gaps(&attempts[2..], &lost, at(1000));
        assert!(later.all_lost().is_empty(), "nobody sees it any more");
    }

    #[test]
    fn what_is_given_up_holds_nothing_back() {
        let attempts = [
            attempt(2, "new", 900, Arrival::Taken),
            attempt(1, "refused", 100, Arrival::Failed),
        ];
        let mut plan = close_gaps(&attempts, &[], at(1000));
        assert_eq!(plan.settled_until(), Some(at(100)));
        plan.give_up(&attempts[1].delivery);
        assert_eq!(plan.settled_until(), Some(at(780)));
    }

    #[test]
    fn the_waits_double_and_come_to_an_end() {
        let mut attempts = vec![attempt(0, "a", 0, Arrival::Failed)];
        let mut waits = Vec::new();
        for second in 0..100_000 {
            let plan = close_gaps(&attempts, &[], at(second));
            if !plan.lost().is_empty() {
                break;
            }
            if let [again] = again(&plan)[..] {
                let newest = attempts.last().unwrap();
                assert_eq!(again, newest.id.0);
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
        assert_eq!(close_gaps(&attempts, &[], at(60)).again().len(), AT_ONCE);
    }
}
