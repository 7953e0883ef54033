//! Looks at a run and moves it on: the one way that starting, finishing, stopping, expiry and sending again go through.

use domain::{Advance, Closed, Control, Release, RunHead, RunKey, SharedClock, StepAttempt};
use store::{HeadWritten, Prepared, Store, Swap, Versioned};

use crate::{AppError, JobQueue, run_log};

/// How often a commit may lose before the run is left to its due time.
const TRIES: u32 = 5;

/// Moves runs on, with what any function has for it.
#[derive(Clone, Debug)]
pub(crate) struct Advancer {
    pub(crate) store: Store,
    pub(crate) jobs: JobQueue,
    pub(crate) clock: SharedClock,
}

/// What a look is made for.
#[derive(Clone, Debug)]
pub(crate) enum Look {
    /// Something may have happened.
    Plain,
    /// Its head was just put, or found there, as this.
    There(Box<RunHead>),
    /// The run is to end early. Whoever wants that is not done before it is committed, or the run is over.
    Ending(Control),
    /// Its step has changed, to this.
    Own(Versioned<StepAttempt>),
    /// Its step is closed, to this, and its head was this before. That it is newer by now, the commit meets.
    Closed(Versioned<StepAttempt>, Box<RunHead>),
}

/// How a look ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Advanced {
    /// Everything that was to be done is done.
    Done,
    /// The run has ended by this look.
    Ended(Box<RunHead>),
    /// Others were quicker each time. What was folded is on record in items, whose due times bring the run back.
    LeftToDueTime,
}

/// How one try ended.
enum Tried {
    Done,
    Ended(Box<RunHead>),
    /// A step was closed, which the run has to take note of.
    Closed,
    /// Another one was quicker.
    Lost,
}

impl Advancer {
    /// Loads the head, folds the step that it names, advances, prepares, commits and releases; and once more, if that has
    /// closed a step. To be called twice or late does no harm.
    pub(crate) async fn advance_run(&self, key: &RunKey, look: Look) -> Result<Advanced, AppError> {
        let (mut there, mut own, wanted) = match look {
            Look::Plain => (None, None, None),
            Look::There(head) => (Some(head), None, None),
            Look::Ending(control) => (None, None, Some(control)),
            Look::Own(step) => (None, Some(step), None),
            Look::Closed(step, head) => (Some(head), Some(step), None),
        };
        let mut lost = 0;
        while lost < TRIES {
            let Some(head) = self.unfinished(key, there.take()).await? else {
                return Ok(Advanced::Done);
            };
            let step = self.fold(&head, own.take()).await?;
            let wanted = self.wanted(&head, wanted.clone()).await?;
            match self.try_advance(&head, step, wanted).await? {
                Tried::Done => return Ok(Advanced::Done),
                Tried::Ended(head) => return Ok(Advanced::Ended(head)),
                Tried::Closed => {}
                Tried::Lost => lost += 1,
            }
        }
        tracing::warn!(?key, "others were quicker each time");
        match wanted {
            Some(_) => Err(AppError::Contended),
            None => Ok(Advanced::LeftToDueTime),
        }
    }

    /// The head, unless the run is over. What somebody has in hand need not be read.
    async fn unfinished(
        &self,
        key: &RunKey,
        there: Option<Box<RunHead>>,
    ) -> Result<Option<RunHead>, AppError> {
        let head = match there {
            Some(there) => Some(*there),
            None => self.store.head(key).await?,
        };
        Ok(head.filter(|head| head.finished().is_none()))
    }

    /// The step that the head names. What somebody has in hand need not be read.
    async fn fold(
        &self,
        head: &RunHead,
        own: Option<Versioned<StepAttempt>>,
    ) -> Result<Option<Versioned<StepAttempt>>, AppError> {
        let Some(named) = head.names() else {
            return Ok(None);
        };
        if let Some(own) = own.filter(|own| own.value().id() == named) {
            return Ok(Some(own));
        }
        Ok(self.store.step(&head.key(), named).await?)
    }

    /// Why the run is to end. Whoever moves on a head of which nothing has begun reads the stop in force first, since that
    /// may have looked for runs before the head was there.
    async fn wanted(
        &self,
        head: &RunHead,
        wanted: Option<Control>,
    ) -> Result<Option<Control>, AppError> {
        if !head.is_unbegun() {
            return Ok(wanted);
        }
        let stop = self.store.stop(&head.subject().key()).await?;
        let covering = stop.filter(|stop| stop.covers(head.origin().asked()));
        Ok(covering.map(Control::Stop).or(wanted))
    }

    async fn try_advance(
        &self,
        head: &RunHead,
        step: Option<Versioned<StepAttempt>>,
        wanted: Option<Control>,
    ) -> Result<Tried, AppError> {
        let key = head.key();
        let folded = step.as_ref().map(|step| step.value().clone());
        let Advance {
            prepare,
            commit,
            release,
            settle,
        } = head.advance(folded, wanted, self.clock.now());
        if let Some(prepared) = prepare {
            match self.store.prepare_step(&key, &prepared).await? {
                Prepared::Ready => {}
                Prepared::Differs => {
                    // No commit on what was folded for the other one succeeds after this.
                    self.store.commit_head(&head.unchanged()).await?;
                    return Ok(Tried::Lost);
                }
                Prepared::Overtaken => return Ok(Tried::Lost),
            }
        }
        let head = commit.as_ref().unwrap_or(head);
        if commit.is_some() {
            match self.store.commit_head(head).await? {
                HeadWritten::Written => run_log::ended(head),
                HeadWritten::Newer(_) | HeadWritten::Gone => return Ok(Tried::Lost),
            }
        }
        let released = self.release(head, step.as_ref(), release).await?;
        if let (Some(read), Some(settled)) = (step, settle) {
            // Whoever has changed it since sees to its due time.
            self.store.swap_step(&key, &read, settled).await?;
        }
        Ok(match head.finished() {
            Some(_) => Tried::Ended(Box::new(head.clone())),
            None => released,
        })
    }

    /// What the state asks for, whoever committed it.
    async fn release(
        &self,
        head: &RunHead,
        step: Option<&Versioned<StepAttempt>>,
        release: Option<Release>,
    ) -> Result<Tried, AppError> {
        match (release, head.names()) {
            (Some(Release::SendJob), Some(named)) => {
                self.jobs.send(head, named).await?;
                Ok(Tried::Done)
            }
            (Some(Release::CloseStep), Some(_)) => self.close(head, step).await,
            (Some(_), None) | (None, _) => Ok(Tried::Done),
        }
    }

    /// Closes a step, unless somebody is at work on it.
    async fn close(
        &self,
        head: &RunHead,
        step: Option<&Versioned<StepAttempt>>,
    ) -> Result<Tried, AppError> {
        let (key, outcome) = (head.key(), Control::closing(head));
        let mut read = step.cloned();
        while let Some(step) = read {
            let closed = match step
                .value()
                .clone()
                .close(outcome.clone(), self.clock.now())
            {
                Closed::Now(closed) => closed,
                Closed::AtWork => return Ok(Tried::Done),
                Closed::Before => return Ok(Tried::Closed),
            };
            read = match self.store.swap_step(&key, &step, closed).await? {
                Swap::Written(_) => return Ok(Tried::Closed),
                Swap::Newer(newer) => Some(newer),
                Swap::Gone => None,
            };
        }
        Ok(Tried::Done)
    }
}
