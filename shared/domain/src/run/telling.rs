//! When a person is told what could not be told at once.

use jiff::{SignedDuration, Timestamp};

use super::{Run, Tracking, due::gap};

/// The shortest wait before a run is announced again whose announcement failed.
const SHORTEST: SignedDuration = SignedDuration::from_secs(60);

impl Run {
    /// Sees to it that what could not be told now is told later: at `from`, if the provider said so, or else after a gap
    /// that grows. The record, when it is due, is offered to the stream again.
    ///
    /// Mere progress of a run that was announced need nothing: it is looked at every few minutes while somebody works on it.
    pub fn tell_later(&mut self, from: Option<Timestamp>, now: Timestamp) {
        if matches!(self.tracking, Tracking::Reported(_)) {
            return;
        }
        let at = match (self.finished(), self.tracking) {
            (Some(end), _) => from.unwrap_or_else(|| now + gap(now.duration_since(end.at))),
            (None, Tracking::Announced(_)) => return,
            (None, _) => {
                let waited = now.duration_since(self.created_at);
                from.unwrap_or_else(|| now + waited.max(SHORTEST))
            }
        };
        // Until an end is told there is nothing else to do at an earlier time; a job that waits for a daemon is looked at
        // all the same.
        let instead = self.finished().is_some() && from.is_some();
        if instead || self.due_at.is_none_or(|due| due > at) {
            self.due_at = Some(at);
        }
    }

    /// Sees to it that an end which was told is told once more, at `from` or else soon: something older may have been
    /// written over it since. That it was told stays; the due time says that it is in doubt.
    pub fn tell_again(&mut self, from: Option<Timestamp>, now: Timestamp) {
        if matches!(self.tracking, Tracking::Reported(_)) && self.due_at.is_none() {
            self.due_at = Some(from.unwrap_or(now + SHORTEST));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        MessageId, Outcome,
        run::tests::{at, daemon, run},
    };

    fn over() -> Run {
        let mut run = run();
        let fence = run.claim(&daemon("a"), at(0)).unwrap().fence;
        run.finish(fence, Outcome::Cancelled.into(), at(10))
            .unwrap();
        run
    }

    #[test]
    fn an_end_waits_as_long_as_the_provider_says() {
        let mut limited = over();
        for _ in 0..2 {
            limited.tell_later(Some(at(3_600)), at(20));
            assert_eq!(limited.due_at, Some(at(3_600)));
        }
        limited.tell_later(Some(at(900)), at(30));
        assert_eq!(limited.due_at, Some(at(900)));
    }

    #[test]
    fn an_end_that_is_due_anyway_is_not_written_again() {
        let mut run = over();
        run.due(at(200));
        let before = run.clone();
        run.tell_later(None, at(201));
        assert_eq!(
            run, before,
            "or each write would be a change to tell, and be told again at once"
        );
        run.due_at = None;
        run.tell_later(None, at(210));
        assert_eq!(run.due_at, Some(at(410)));
    }

    #[test]
    fn a_beginning_that_nobody_was_told_of_is_announced_soon() {
        let mut silent = run();
        silent.tell_later(None, at(2));
        assert_eq!(silent.due_at, Some(at(62)));
        silent.tell_later(Some(at(3_600)), at(3));
        assert_eq!(silent.due_at, Some(at(62)), "its job is looked at before");

        let mut announced = run();
        announced.announced(MessageId::from(5));
        let before = announced.clone();
        announced.tell_later(None, at(2));
        assert_eq!(announced, before);
        let mut told = over();
        told.reported(MessageId::from(5));
        told.tell_later(Some(at(99)), at(20));
        assert_eq!(told.due_at, None);
    }

    #[test]
    fn an_end_in_doubt_is_due_until_it_is_told_again() {
        let mut run = over();
        run.tell_again(None, at(20));
        let due = run.due_at;
        assert_eq!(due, over().due_at, "it has not been told at all");
        run.reported(MessageId::from(5));
        run.tell_again(None, at(20));
        assert_eq!(run.due_at, Some(at(80)));
        let in_doubt = run.clone();
        run.tell_again(Some(at(900)), at(30));
        assert_eq!(run, in_doubt, "or each try would be a change to tell");
        run.due(at(81));
        assert!(run.due_at > Some(at(81)), "nobody has told it yet");
        assert!(matches!(run.tracking, Tracking::Reported(_)));
        run.reported(MessageId::from(5));
        assert_eq!(run.due_at, None);
    }
}
