//! When a request was made, and which of two came first.

use jiff::Timestamp;

use crate::{DeliveryId, MessageId, Requester};

/// When a request was made, by the provider's clock: requests are only ever compared with one another, so
/// that no difference between its clock and ours matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestTime {
    at: Timestamp,
    number: Option<u64>,
}

impl RequestTime {
    /// The time of a message that was just written. Providers tell whole seconds; where ids are numbers they grow, which
    /// tells two of one second apart.
    pub fn of_message(at: Timestamp, message: MessageId) -> Self {
        Self {
            at,
            number: message.number(),
        }
    }

    /// The time of a request that has this number among others of the same instant.
    pub const fn numbered(at: Timestamp, number: u64) -> Self {
        Self {
            at,
            number: Some(number),
        }
    }

    /// The time of any other request.
    pub const fn of(at: Timestamp) -> Self {
        Self { at, number: None }
    }

    /// The instant.
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// The number that tells it from others of the same instant.
    pub const fn number(&self) -> Option<u64> {
        self.number
    }

    /// Whether this was certainly made after `other`.
    pub fn is_after(&self, other: &Self) -> bool {
        match (self.number, other.number) {
            (Some(this), Some(that)) if self.at == other.at => this > that,
            _ => self.at > other.at,
        }
    }
}

/// Somebody's wish that whatever was asked for on a subject before should end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StopRequest {
    /// Who said so.
    pub by: Requester,
    /// When. A start that is not certainly later is ended: of two at the same instant the stop wins.
    pub asked: RequestTime,
    /// The delivery that said so, by the subject's connection.
    pub delivery: DeliveryId,
}

impl StopRequest {
    /// Whether a start that was asked for at `start` should end.
    pub fn covers(&self, start: &RequestTime) -> bool {
        !start.is_after(&self.asked)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::AccountId;

    fn time() -> impl Strategy<Value = RequestTime> {
        (0_i64..3, prop::option::of(0_u64..3)).prop_map(|(second, number)| {
            let at = Timestamp::from_second(second).unwrap();
            number.map_or_else(
                || RequestTime::of(at),
                |number| RequestTime::numbered(at, number),
            )
        })
    }

    fn stop(asked: RequestTime) -> StopRequest {
        StopRequest {
            by: Requester::new(AccountId::from(1), "ada".parse().unwrap()),
            asked,
            delivery: "guid".parse().unwrap(),
        }
    }

    proptest! {
        #[test]
        fn a_stop_covers_what_is_not_certainly_later(start in time(), asked in time()) {
            prop_assert_eq!(stop(asked).covers(&start), !start.is_after(&asked));
            prop_assert!(stop(asked).covers(&asked));
        }

        #[test]
        fn of_two_requests_at_most_one_is_after_the_other(a in time(), b in time()) {
            prop_assert!(!(a.is_after(&b) && b.is_after(&a)));
        }
    }

    #[test]
    fn within_a_second_comments_are_told_apart_by_their_numbers() {
        let at = Timestamp::from_second(5).unwrap();
        let comment = |id: u64| RequestTime::of_message(at, MessageId::from(id));
        assert!(!stop(comment(7)).covers(&comment(8)));
        assert!(stop(comment(7)).covers(&comment(6)));
        assert!(
            stop(comment(7)).covers(&RequestTime::of(at)),
            "the stop wins"
        );
        assert!(
            stop(RequestTime::of(at)).covers(&comment(8)),
            "the stop wins"
        );
    }
}
