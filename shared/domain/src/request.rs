//! When a request was made, and which of two came first.

use jiff::Timestamp;

use crate::{CommentId, DeliveryKey, Login};

/// When a request was made, by the provider's clock: requests are only ever compared with one another, so
/// that no difference between its clock and ours matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestTime {
    at: Timestamp,
    comment: Option<CommentId>,
}

impl RequestTime {
    /// The time of a comment that was just written. Providers tell whole seconds, and the numbers of comments
    /// grow, which tells two of one second apart.
    pub const fn of_comment(at: Timestamp, comment: CommentId) -> Self {
        Self {
            at,
            comment: Some(comment),
        }
    }

    /// The time of any other request.
    pub const fn of(at: Timestamp) -> Self {
        Self { at, comment: None }
    }

    /// The instant.
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// The comment that tells it from others of the same instant.
    pub const fn comment(&self) -> Option<CommentId> {
        self.comment
    }

    /// Whether this was certainly made after `other`.
    pub fn is_after(&self, other: &Self) -> bool {
        match (self.comment, other.comment) {
            (Some(this), Some(that)) if self.at == other.at => this > that,
            _ => self.at > other.at,
        }
    }
}

/// Somebody's wish that whatever was asked for on a ticket before should end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StopRequest {
    /// Who said so.
    pub by: Login,
    /// When. A start that is not certainly later is ended: of two at the same instant the stop wins.
    pub asked: RequestTime,
    /// The delivery that said so.
    pub delivery: DeliveryKey,
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
    use crate::{InstallationId, Provider};

    fn time() -> impl Strategy<Value = RequestTime> {
        (0_i64..3, prop::option::of(0_u64..3)).prop_map(|(second, comment)| {
            let at = Timestamp::from_second(second).unwrap();
            comment.map_or_else(
                || RequestTime::of(at),
                |id| RequestTime::of_comment(at, CommentId(id)),
            )
        })
    }

    fn stop(asked: RequestTime) -> StopRequest {
        StopRequest {
            by: "ada".parse().unwrap(),
            asked,
            delivery: DeliveryKey {
                provider: Provider::Github,
                installation: InstallationId(1),
                id: "guid".parse().unwrap(),
            },
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
        let comment = |id| RequestTime::of_comment(at, CommentId(id));
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
