//! The hold on a job, and what keeps it.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use contract::{
    JobMessage,
    worker::{
        CancelReason, EventsRequest, FinishRequest, GitAccess, GitToken, LeaseGrant, ReleaseRequest,
    },
};
use domain::{GiveBack, JobId, SharedClock};
use egress::{WorkerClient, WorkerError};
use jiff::Timestamp;
use queues::{Queue, ReceiptHandle};
use secrecy::SecretString;
use tokio::time::sleep;

/// The shortest time between two heartbeats, against an answer that asks for none at all.
const SHORTEST_BEAT: Duration = Duration::from_millis(50);
/// How much earlier than the lease ends a message may come into sight.
const SLACK: Duration = Duration::from_secs(10);
/// How long a message stays out of sight while its job is worked on, which is the queue's own time.
const VISIBILITY: Duration = Duration::from_mins(2);

/// Why work on a job stops before it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopReason {
    /// The platform asks for it and wants to be told of the end.
    Cancelled(CancelReason),
    /// The job is over; there is nobody to tell.
    Over,
    /// The job is somebody else's now, or cannot be held on to.
    Lost,
}

/// The message a job came with.
#[derive(Clone, Debug)]
pub(crate) struct QueueReceipt {
    /// Where it came from.
    pub(crate) queue: Queue<JobMessage>,
    /// This receiving of it.
    pub(crate) handle: ReceiptHandle,
    /// When it was received, and so taken out of sight.
    pub(crate) received_at: Timestamp,
}

impl QueueReceipt {
    /// Deletes the message. That it may fail is no harm: it comes again and its job turns out to be over.
    pub(crate) async fn delete(&self) {
        if let Err(error) = self.queue.delete(&self.handle).await {
            tracing::warn!(%error, "a job's message could not be deleted");
        }
    }

    /// Hides the message for `time` from now on, and says whether that worked.
    pub(crate) async fn hide(&self, time: Duration) -> bool {
        let hidden = self.queue.set_visibility(&self.handle, time).await;
        if let Err(error) = &hidden {
            tracing::warn!(%error, "a job's message could not be kept out of sight");
        }
        hidden.is_ok()
    }
}

/// The hold on a job.
#[derive(Debug)]
pub(crate) struct LeaseKeeper {
    worker: WorkerClient,
    clock: SharedClock,
    job: JobId,
    token: SecretString,
    beat: Duration,
    hold: Mutex<Hold>,
    receipt: QueueReceipt,
}

/// How firm the hold is.
#[derive(Clone, Copy, Debug)]
struct Hold {
    /// When the lease runs out.
    expires: Timestamp,
    /// When the message comes into sight again.
    hidden_until: Timestamp,
}

impl LeaseKeeper {
    /// From the platform's grant.
    pub(crate) fn new(
        worker: WorkerClient,
        clock: SharedClock,
        job: JobId,
        grant: &LeaseGrant,
        receipt: QueueReceipt,
    ) -> Self {
        Self {
            worker,
            clock,
            job,
            token: grant.token.clone(),
            beat: Duration::from_secs(grant.heartbeat_seconds.into()).max(SHORTEST_BEAT),
            hold: Mutex::new(Hold {
                expires: grant.expires_at,
                hidden_until: receipt.received_at + VISIBILITY,
            }),
            receipt,
        }
    }

    /// The message the job came with.
    pub(crate) fn receipt(&self) -> &QueueReceipt {
        &self.receipt
    }

    /// The right to act on the job, which must not appear in a change.
    pub(crate) fn token(&self) -> &SecretString {
        &self.token
    }

    /// How long the lease still holds; zero if it has run out.
    fn left(&self) -> Duration {
        self.until(self.hold().expires)
    }

    /// Keeps the lease until there is a reason to stop. While the platform is out of reach the work goes
    /// on, but not beyond the lease.
    pub(crate) async fn keep(&self) -> StopReason {
        loop {
            sleep(self.beat).await;
            if let Err(stop) = self.heartbeat().await {
                return stop;
            }
        }
    }

    /// Makes sure that the lease holds now; an error says to stop.
    pub(crate) async fn confirm(&self) -> Result<(), StopReason> {
        // The work's future is deep enough without this one inside.
        Box::pin(self.heartbeat()).await
    }

    async fn heartbeat(&self) -> Result<(), StopReason> {
        match self.worker.heartbeat(self.job, &self.token).await {
            Ok(answer) => {
                self.change(|hold| hold.expires = answer.expires_at);
                self.stay_hidden().await;
                answer
                    .cancel
                    .map_or(Ok(()), |reason| Err(StopReason::Cancelled(reason)))
            }
            Err(error) => self.judge(&error),
        }
    }

    /// Keeps the message out of sight for as long as the lease holds, so that it comes back about when somebody
    /// else may have the job. One call does for two heartbeats.
    async fn stay_hidden(&self) {
        if self.until(self.hold().hidden_until) >= VISIBILITY.saturating_sub(SLACK) {
            return;
        }
        let time = VISIBILITY + self.beat;
        if self.receipt.hide(time).await {
            let until = self.clock.now() + time;
            self.change(|hold| hold.hidden_until = until);
        }
    }

    fn until(&self, at: Timestamp) -> Duration {
        let left = at.duration_since(self.clock.now());
        left.try_into().unwrap_or_default()
    }

    fn hold(&self) -> Hold {
        *self.hold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Hold)) {
        change(&mut self.hold.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Whether an error of any call under this lease means that the work must stop.
    pub(crate) fn judge(&self, error: &WorkerError) -> Result<(), StopReason> {
        match error {
            WorkerError::JobFinished | WorkerError::Unauthorized | WorkerError::NotFound => {
                Err(StopReason::Over)
            }
            WorkerError::JobStopping(reason) => Err(StopReason::Cancelled(*reason)),
            WorkerError::LeaseStale | WorkerError::JobLeased | WorkerError::JobWaiting { .. } => {
                Err(StopReason::Lost)
            }
            _ if self.left().is_zero() => {
                tracing::warn!(%error, "the lease ran out while the platform was out of reach");
                Err(StopReason::Lost)
            }
            _ => {
                tracing::warn!(%error, "a call under the lease failed");
                Ok(())
            }
        }
    }

    /// Asks for a git credential.
    pub(crate) async fn git_token(&self, access: GitAccess) -> Result<GitToken, WorkerError> {
        self.worker.git_token(self.job, &self.token, access).await
    }

    /// Sends progress events.
    pub(crate) async fn send_events(&self, request: &EventsRequest) -> Result<(), WorkerError> {
        self.worker.events(self.job, &self.token, request).await
    }

    /// Gives the job back, so that another daemon can have it now or from `not_before` on; the platform queues it anew,
    /// and this message goes. If the platform does not hear it, the message comes back when the lease has run out.
    pub(crate) async fn give_back(&self, why: GiveBack, not_before: Option<Timestamp>) {
        let request = ReleaseRequest { why, not_before };
        let release = || self.worker.release(self.job, &self.token, &request);
        let mut told = release().await;
        if matches!(&told, Err(error) if error.is_transient()) {
            told = release().await;
        }
        match told {
            Ok(()) => {
                tracing::warn!(?why, "the job is given back");
                self.receipt.delete().await;
            }
            Err(WorkerError::JobFinished | WorkerError::Unauthorized | WorkerError::NotFound) => {
                tracing::info!("the job is over, so it is not given back");
                self.receipt.delete().await;
            }
            Err(error) => {
                tracing::warn!(%error, "the job could not be given back");
                self.receipt.hide(self.left()).await;
            }
        }
    }

    /// Ends the job.
    pub(crate) async fn finish(&self, request: &FinishRequest) -> Result<(), WorkerError> {
        self.worker.finish(self.job, &self.token, request).await
    }
}
