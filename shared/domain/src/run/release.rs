//! Giving a run's job back, so that another daemon does it.

use jiff::{SignedDuration, Timestamp};

use super::{Cancel, Run};
use crate::{
    Failure, FailureKind, Fence, GiveBack, GivenBack, JobState, LeaseRefused, Outcome, Wait,
};

/// When the scheduler looks whether a job that was given back is in the queue: its message may have been lost.
const SOON: SignedDuration = SignedDuration::from_secs(60);
/// How often machines may turn out to be unfit for a job. With the waits in between that is over an hour, in which an
/// operator can mend them.
const UNFIT: u32 = 10;
/// The wait after the second machine that was unfit; it doubles from there. The first is not waited after.
const UNFIT_WAIT: SignedDuration = SignedDuration::from_secs(30);
/// The longest of these waits.
const LONGEST: SignedDuration = SignedDuration::from_mins(15);
/// The wait for a model provider that does not say how long it has to be.
const LIMITED_WAIT: SignedDuration = SignedDuration::from_mins(5);

/// What became of a job that was given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Released {
    /// It waits for another daemon.
    Waits {
        /// Nobody may have it before, where there is something to wait for.
        not_before: Option<Timestamp>,
    },
    /// The run has ended instead.
    Over,
}

impl Run {
    /// How long a queue can hold back a new message. A job that waits longer is put into it by the scheduler.
    pub const LONGEST_DELAY: SignedDuration = SignedDuration::from_mins(15);

    /// Ends the lease under `fence` without an end of the job and without a loss: another daemon may have it, not
    /// before `until` if that is given. A run that should end, or cannot be done before its deadline or by any
    /// machine, ends here instead. The same said again changes nothing.
    pub fn release(
        &mut self,
        fence: Fence,
        why: GiveBack,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Released, LeaseRefused> {
        if let JobState::Queued(wait) = &self.step.job.state
            && wait.given_back.is_some()
            && wait.fence() == fence
        {
            let not_before = wait.not_before();
            return Ok(Released::Waits { not_before });
        }
        self.step.job.lease(fence)?;
        if self.deadline <= now && self.cancel.is_none() {
            self.cancel = Some(Cancel::Expired);
        }
        if let Some(cancel) = &self.cancel {
            self.end(cancel.outcome(), now);
            return Ok(Released::Over);
        }
        if why == GiveBack::Environment {
            self.step.job.leases.unfit = self.step.job.leases.unfit.saturating_add(1);
        }
        let not_before = self.wait_after(why, until, now);
        if let Some(failure) = self.hopeless(why, not_before) {
            self.end(Outcome::Failed { failure }, now);
            return Ok(Released::Over);
        }
        self.step.job.state = JobState::Queued(Wait {
            resends: 0,
            given_back: Some(GivenBack {
                fence,
                why,
                not_before,
            }),
        });
        let from = not_before.unwrap_or(now);
        let by_scheduler = from.duration_since(now) > Self::LONGEST_DELAY;
        self.due_at = Some(if by_scheduler { from } else { from + SOON });
        Ok(Released::Waits { not_before })
    }

    fn wait_after(
        &self,
        why: GiveBack,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        match why {
            GiveBack::Shutdown => None,
            GiveBack::Environment => {
                let doublings = self.step.job.leases.unfit.checked_sub(2)?.min(20);
                let wait = UNFIT_WAIT.saturating_mul(1 << doublings);
                Some(now + wait.min(LONGEST))
            }
            GiveBack::ModelLimited => {
                let until = until.unwrap_or(now + LIMITED_WAIT);
                Some(until.max(now + UNFIT_WAIT))
            }
        }
    }

    /// Why nobody else should try, if so.
    fn hopeless(&self, why: GiveBack, not_before: Option<Timestamp>) -> Option<Failure> {
        let too_late = not_before.filter(|from| *from >= self.deadline);
        match why {
            GiveBack::ModelLimited => {
                let limited = Failure::from(FailureKind::ModelLimited);
                too_late.map(|from| limited.retry_at(from))
            }
            GiveBack::Environment if self.step.job.leases.unfit >= UNFIT => {
                Some(FailureKind::WorkersUnfit.into())
            }
            GiveBack::Environment => too_late.map(|_| FailureKind::WorkersUnfit.into()),
            GiveBack::Shutdown => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ClaimRefused, DueAction, FinishRefused, RunState, Stopped,
        run::tests::{at, daemon, run, stop},
    };

    fn held(run: &mut Run, now: i64) -> Fence {
        run.claim(&daemon("a"), at(now)).unwrap().fence
    }

    fn not_before(released: Result<Released, LeaseRefused>) -> Option<Timestamp> {
        match released {
            Ok(Released::Waits { not_before }) => not_before,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn giving_back_in_order_is_never_a_loss() {
        let mut run = run();
        for round in 0..20 {
            let fence = held(&mut run, round * 10);
            assert_eq!(fence, Fence(u32::try_from(round).unwrap() + 1));
            let released = run.release(fence, GiveBack::Shutdown, None, at(round * 10 + 5));
            assert_eq!(not_before(released), None);
            assert_eq!(run.state(), RunState::Queued);
            // Another daemon may have it at once; if its message was lost, that is seen within a minute.
            assert_eq!(run.due_at, Some(at(round * 10 + 65)));
        }
        assert_eq!(run.step.job.leases.lost, 0);
        // Two may still be lost.
        for second in [1_000, 2_000, 3_000] {
            held(&mut run, second);
        }
        let claimed = run.claim(&daemon("a"), at(4_000));
        assert_eq!(claimed, Err(ClaimRefused::Exhausted));
        assert_eq!(run.failure(), Some(&FailureKind::WorkerLost.into()));
    }

    #[test]
    fn saying_it_again_changes_nothing_and_the_lease_is_gone() {
        let mut run = run();
        let fence = held(&mut run, 0);
        let first = run.release(fence, GiveBack::Shutdown, None, at(5));
        let before = run.clone();
        assert_eq!(run.release(fence, GiveBack::Shutdown, None, at(9)), first);
        assert_eq!(run.heartbeat(fence, at(9)), Err(LeaseRefused::Stale));
        let finished = run.finish(fence, Outcome::Cancelled.into(), at(9));
        assert_eq!(finished, Err(FinishRefused::Stale));
        assert_eq!(run, before);
        // A zombie that says it late does not take the job from its successor.
        let next = held(&mut run, 10);
        let late = run.release(fence, GiveBack::Shutdown, None, at(11));
        assert_eq!(late, Err(LeaseRefused::Stale));
        assert!(run.heartbeat(next, at(11)).is_ok());
    }

    #[test]
    fn what_should_end_ends_when_it_is_given_back() {
        let request = stop("stop", 1);
        let mut stopped = run();
        let fence = held(&mut stopped, 0);
        assert_eq!(stopped.stop(&request, at(1)), Stopped::Stopping);
        let released = stopped.release(fence, GiveBack::Environment, None, at(2));
        assert_eq!(released, Ok(Released::Over));
        assert_eq!(stopped.state(), RunState::Cancelled);
        let again = stopped.release(fence, GiveBack::Environment, None, at(3));
        assert_eq!(again, Err(LeaseRefused::Finished));

        let mut waiting = run();
        let fence = held(&mut waiting, 0);
        waiting
            .release(fence, GiveBack::Shutdown, None, at(1))
            .unwrap();
        assert_eq!(waiting.stop(&request, at(2)), Stopped::Stopping);
        assert_eq!(waiting.state(), RunState::Cancelled);
        assert_eq!(waiting.fence(), fence);

        let mut late = run();
        let fence = held(&mut late, 0);
        let end = late.deadline;
        let released = late.release(fence, GiveBack::Shutdown, None, end);
        assert_eq!(
            (released, late.state()),
            (Ok(Released::Over), RunState::Expired)
        );
    }

    #[test]
    fn unfit_machines_are_waited_for_longer_and_longer_and_not_for_ever() {
        let mut run = run();
        let (mut now, mut waits) = (0, Vec::new());
        let end = loop {
            let fence = held(&mut run, now);
            match run.release(fence, GiveBack::Environment, None, at(now)) {
                Ok(Released::Waits { not_before }) => {
                    let wait = not_before.map_or(0, |from| from.as_second() - now);
                    waits.push(wait);
                    now += wait;
                }
                end => break end,
            }
        };
        assert_eq!(end, Ok(Released::Over));
        assert_eq!(waits, [0, 30, 60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(run.failure(), Some(&FailureKind::WorkersUnfit.into()));
    }

    #[test]
    fn a_models_limit_is_waited_for_if_there_is_time() {
        let mut run = run();
        let fence = held(&mut run, 0);
        let reset = at(7_200);
        let released = run.release(fence, GiveBack::ModelLimited, Some(reset), at(5));
        assert_eq!(not_before(released), Some(reset));
        // A queue cannot hold a message back for so long, so the scheduler sends it then.
        assert_eq!(run.due_at, Some(reset));
        assert_eq!(run.due(reset), DueAction::Resend);
        let fence = held(&mut run, 7_200);
        let released = run.release(fence, GiveBack::ModelLimited, None, at(7_200));
        assert_eq!(not_before(released), Some(at(7_500)));
        assert_eq!(run.due_at, Some(at(7_560)));

        let fence = held(&mut run, 7_500);
        let after = run.deadline;
        let released = run.release(fence, GiveBack::ModelLimited, Some(after), at(7_600));
        assert_eq!(released, Ok(Released::Over));
        let expected = Failure::from(FailureKind::ModelLimited).retry_at(after);
        assert_eq!(run.failure(), Some(&expected));
    }
}
