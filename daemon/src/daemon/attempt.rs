//! The work on one job, and what is left of it afterwards: nothing.

use std::{
    io,
    panic::AssertUnwindSafe,
    sync::{Arc, OnceLock},
    time::Duration,
};

use contract::worker::ClaimResponse;
use domain::{FailureKind, GiveBack};
use futures_util::FutureExt;
use jiff::Timestamp;
use tokio::time::{sleep, timeout};
use tracing::Instrument as _;

use super::{Aborting, Daemon, Shutdown, so_far::SoFar};
use crate::{
    job::{JobContext, JobError, JobResult, Revocations},
    lease::{LeaseKeeper, StopReason},
    progress::progress_channel,
    secrets::Secrets,
    unfit::Unfit,
    work_root::WorkRoot,
    workspace::Workspace,
};

/// How long the git credentials of a job that was stopped may take to be revoked.
const LAST_REVOCATIONS: Duration = Duration::from_secs(10);
/// How long the last progress events may take.
const LAST_UPLOAD: Duration = Duration::from_secs(5);

/// How work on a job came to an end.
pub(super) enum AttemptEnd {
    /// With a report.
    Finished(JobResult),
    /// Stopped by the platform.
    Stopped(StopReason),
    /// Given back, and until when nobody can do it.
    GivenBack(GiveBack, Option<Timestamp>),
    /// Given back, since this daemon is fit for no job.
    Unfit(Unfit),
}

impl Daemon {
    /// Works until there is a report or a reason to stop, and leaves neither process nor file behind.
    pub(super) async fn attempt(
        &self,
        claim: &ClaimResponse,
        lease: &Arc<LeaseKeeper>,
        work_root: &WorkRoot,
        so_far: &SoFar,
        shutdown: &Shutdown,
    ) -> AttemptEnd {
        let payload = &claim.payload;
        let confinement = self.sandbox.confinement();
        let made = Workspace::create(work_root.root(), payload.run, confinement, &*self.random);
        let workspace = match made {
            Ok(workspace) => workspace,
            Err(error) => return AttemptEnd::Unfit(Unfit::Folder(error)),
        };
        let interval = Duration::from_millis(claim.lease.events_millis.into());
        let near = [&self.secrets[..], &[lease.token().clone()]].concat();
        let secrets = Arc::new(Secrets::new(near));
        let known = secrets.clone();
        let (progress, uploader) =
            progress_channel(self.clock.clone(), lease.clone(), interval, known);
        let mut upload = Aborting(tokio::spawn(uploader.run().in_current_span()));
        let revocations = Arc::new(Revocations::new(self));
        let job = JobContext {
            bot_id: OnceLock::new(),
            daemon: self,
            payload,
            lease,
            revocations: &revocations,
            progress: &progress,
            secrets: &secrets,
            workspace: &workspace,
            spent: &so_far.spent,
            revision: &so_far.revision,
        };
        // The work's future is large; whoever waits for it need not be.
        let work = Box::pin(job.perform());
        let ending = tokio::select! {
            done = AssertUnwindSafe(work).catch_unwind() => conclude(done, work_root),
            stop = lease.keep() => AttemptEnd::Stopped(stop),
            () = async { shutdown.clone().await; sleep(self.config.drain).await } => AttemptEnd::GivenBack(GiveBack::Shutdown, None),
        };
        let (cleared, revoked) = tokio::join!(
            self.sandbox.clear(&workspace),
            timeout(LAST_REVOCATIONS, revocations.done())
        );
        if revoked.is_err() {
            tracing::warn!("a git credential could not be revoked in time");
        }
        drop(progress);
        // A folder may hold a great many files.
        let removed = tokio::task::spawn_blocking(move || workspace.remove()).await;
        if cleared.is_err() {
            return AttemptEnd::Unfit(Unfit::Leftovers);
        }
        if let Err(error) = removed.map_err(io::Error::other).flatten() {
            return AttemptEnd::Unfit(Unfit::Folder(error));
        }
        if let AttemptEnd::Unfit(unfit) = ending {
            return self.blame(unfit, work_root).await;
        }
        if matches!(ending, AttemptEnd::Finished(_))
            && timeout(LAST_UPLOAD, &mut upload.0).await.is_err()
        {
            tracing::warn!("the last progress events could not be sent in time");
        }
        ending
    }

    /// With the job's folder gone it shows whose fault it was.
    async fn blame(&self, unfit: Unfit, work_root: &WorkRoot) -> AttemptEnd {
        let kind = match unfit {
            Unfit::Leftovers => return AttemptEnd::Unfit(unfit),
            Unfit::NoRoom => FailureKind::DiskUsedUp,
            _ => FailureKind::Internal,
        };
        if self.check(work_root).await.is_err() {
            return AttemptEnd::Unfit(unfit);
        }
        tracing::error!(error = %unfit, "the job alone is not fit for this machine");
        AttemptEnd::Finished(JobResult::failed(kind))
    }

    /// Whether this machine can do a job at all.
    async fn check(&self, work_root: &WorkRoot) -> Result<(), Unfit> {
        work_root.check()?;
        let git = tokio::process::Command::new("git")
            .arg("--version")
            .env_clear()
            .env("PATH", &self.config.path)
            .output();
        git.await.map(drop).map_err(Unfit::Git)
    }
}

fn conclude(
    done: std::thread::Result<Result<JobResult, JobError>>,
    work_root: &WorkRoot,
) -> AttemptEnd {
    match done {
        Ok(Ok(report)) => AttemptEnd::Finished(report),
        Ok(Err(JobError::Failed(failure))) => AttemptEnd::Finished(JobResult::failed(failure)),
        Ok(Err(JobError::Stopped(stop))) => AttemptEnd::Stopped(stop),
        Ok(Err(JobError::Unfit(unfit))) => AttemptEnd::Unfit(unfit),
        // Names of files can sound like it, so the disk is asked.
        Ok(Err(JobError::NoRoom(failure))) => match work_root.check() {
            Ok(()) => AttemptEnd::Finished(JobResult::failed(failure)),
            Err(_) => AttemptEnd::Unfit(Unfit::NoRoom),
        },
        Ok(Err(JobError::Limited(until))) => {
            AttemptEnd::GivenBack(GiveBack::ModelLimited, Some(until))
        }
        Err(_) => {
            tracing::error!("the work on a job fell over");
            AttemptEnd::Finished(JobResult::failed(FailureKind::Internal))
        }
    }
}
