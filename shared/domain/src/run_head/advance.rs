//! What a look at a run decides: the pure part.

use jiff::Timestamp;

use super::{Control, HeadParts, HeadState, RunHead};
use crate::{Finished, Outcome, Spent, StepAttempt, StepState, step::FIRST_LOOK};

/// What is to be done after a look, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advance {
    /// To be put before the commit, if nothing of it has begun.
    pub prepare: Option<StepAttempt>,
    /// To be committed over the version that was loaded. None if nothing changes.
    pub commit: Option<RunHead>,
    /// To be released after the commit. Every look repeats it.
    pub release: Option<Release>,
    /// A step that is over and counted, without its due time: to be written last.
    pub settle: Option<StepAttempt>,
}

/// What is released once the commit is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// The message of the job that is waited for and that nobody has.
    SendJob,
    /// The end of a step that nobody is at work on.
    CloseStep,
}

impl RunHead {
    /// Looks at the run with the step that it names, where there is one, and moves it on. What is finished counts before
    /// control, and a run that is over stays as it is.
    ///
    /// `wanted` is why it should end, if somebody wants that.
    #[must_use]
    pub fn advance(
        &self,
        step: Option<StepAttempt>,
        wanted: Option<Control>,
        now: Timestamp,
    ) -> Advance {
        let step = step.filter(|step| self.names() == Some(step.id()));
        if let HeadState::Over(_) = self.state() {
            return Advance::NOTHING;
        }
        if let Some(finished) = step.as_ref().and_then(StepAttempt::finished) {
            let over = self.over(finished.clone(), now);
            return Advance {
                commit: Some(over),
                settle: step.and_then(StepAttempt::settled),
                ..Advance::NOTHING
            };
        }
        match self
            .control()
            .cloned()
            .or(wanted)
            .or_else(|| self.late(now))
        {
            Some(control) => self.give_up(step.as_ref(), control, now),
            None => self.go_on(step.as_ref(), now),
        }
    }

    /// The same content with the next version, so that no commit on what was folded before succeeds.
    #[must_use]
    pub fn unchanged(&self) -> Self {
        self.with(|parts| parts.version = parts.version.next())
    }

    fn late(&self, now: Timestamp) -> Option<Control> {
        (self.deadline() <= now).then_some(Control::Deadline)
    }

    /// Ends what can be ended, and closes what it waits for.
    fn give_up(&self, step: Option<&StepAttempt>, control: Control, now: Timestamp) -> Advance {
        let Some(named) = self.names() else {
            let over = self.over(skipped(&control, now), now);
            let commit = Some(over.with(|parts| parts.control = Some(control)));
            return Advance {
                commit,
                ..Advance::NOTHING
            };
        };
        let changes = self.control().is_none();
        let commit = self.with(|parts| {
            parts.state = HeadState::Closing(named.clone());
            parts.control = Some(control);
            parts.version = parts.version.next();
            parts.due_at = Some(now + Self::SOON);
        });
        Advance {
            commit: changes.then_some(commit),
            release: step.map(|_| Release::CloseStep),
            ..Advance::NOTHING
        }
    }

    /// Dispatches what can be, and sends again what nobody has.
    fn go_on(&self, step: Option<&StepAttempt>, now: Timestamp) -> Advance {
        if self.names().is_some() {
            let idle = step.is_some_and(|step| step.can_be_claimed(now));
            return Advance {
                release: idle.then_some(Release::SendJob),
                ..Advance::NOTHING
            };
        }
        let named = Self::only_step();
        let due_at = self.created_at() + FIRST_LOOK;
        let prepared = StepAttempt::prepared(named.clone(), self.id(), self.version(), due_at);
        let commit = self.with(|parts| {
            parts.state = HeadState::Waiting(named);
            parts.version = parts.version.next();
            parts.due_at = None;
        });
        Advance {
            prepare: Some(prepared),
            commit: Some(commit),
            release: Some(Release::SendJob),
            settle: None,
        }
    }

    fn over(&self, finished: Finished, now: Timestamp) -> Self {
        self.with(|parts| {
            parts.state = HeadState::Over(Box::new(finished));
            parts.version = parts.version.next();
            // Until it was told.
            parts.due_at = Some(now + FIRST_LOOK);
        })
    }

    pub(super) fn with(&self, change: impl FnOnce(&mut HeadParts)) -> Self {
        let mut parts = self.parts.clone();
        change(&mut parts);
        Self { parts }
    }
}

impl Advance {
    const NOTHING: Self = Self {
        prepare: None,
        commit: None,
        release: None,
        settle: None,
    };
}

impl StepAttempt {
    /// Whether its job could be claimed now.
    fn can_be_claimed(&self, now: Timestamp) -> bool {
        match self.state() {
            StepState::Queued { .. } => true,
            StepState::Delayed { until, .. } => *until <= now,
            StepState::Running(lease) => lease.expires_at <= now,
            StepState::Closed(_) => false,
        }
    }
}

/// The end of a run of which nothing was dispatched.
fn skipped(control: &Control, now: Timestamp) -> Finished {
    Finished {
        at: now,
        started_at: None,
        fence: crate::Fence::NONE,
        outcome: control.outcome(),
        spent: Spent::default(),
        revision: None,
    }
}

impl Control {
    /// The outcome with which a step is closed for a head.
    pub fn closing(head: &RunHead) -> Outcome {
        head.control().map_or(Outcome::Expired, Self::outcome)
    }
}
