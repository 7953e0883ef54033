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

use super::{Aborting, Daemon, Shutdown, take::SoFar};
use crate::{
    ground::Ground,
    job::{Halt, Job, Report, Revocations},
    lease::{Lease, Stop},
    news::news,
    secrets::Secrets,
    unfit::Unfit,
    workspace::Workspace,
};

/// How long the git credentials of a job that was stopped may take to be revoked.
const LAST_REVOCATIONS: Duration = Duration::from_secs(10);
/// How long the last news may take.
const LAST_NEWS: Duration = Duration::from_secs(5);

/// How work on a job came to an end.
pub(super) enum Ending {
    /// With a report.
    Report(Report),
    /// Stopped by the platform.
    Stopped(Stop),
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
        lease: &Arc<Lease>,
        ground: &Ground,
        so_far: &SoFar,
        shutdown: &Shutdown,
    ) -> Ending {
        let payload = &claim.payload;
        let confinement = self.sandbox.confinement();
        let made = Workspace::create(ground.root(), payload.run, confinement, &*self.random);
        let workspace = match made {
            Ok(workspace) => workspace,
            Err(error) => return Ending::Unfit(Unfit::Folder(error)),
        };
        let interval = Duration::from_millis(claim.lease.events_millis.into());
        let near = [&self.secrets[..], &[lease.token().clone()]].concat();
        let secrets = Arc::new(Secrets::new(near));
        let known = secrets.clone();
        let (news, courier) = news(self.clock.clone(), lease.clone(), interval, known);
        let mut courier = Aborting(tokio::spawn(courier.run().in_current_span()));
        let revocations = Arc::new(Revocations::new(self));
        let job = Job {
            bot_id: OnceLock::new(),
            daemon: self,
            payload,
            lease,
            revocations: &revocations,
            news: &news,
            secrets: &secrets,
            workspace: &workspace,
            spent: &so_far.spent,
            revision: &so_far.revision,
        };
        // The work's future is large; whoever waits for it need not be.
        let work = Box::pin(job.perform());
        let ending = tokio::select! {
            done = AssertUnwindSafe(work).catch_unwind() => conclude(done, ground),
            stop = lease.keep() => Ending::Stopped(stop),
            () = async { shutdown.clone().await; sleep(self.config.drain).await } => Ending::GivenBack(GiveBack::Shutdown, None),
        };
        let (cleared, revoked) = tokio::join!(
            self.sandbox.clear(&workspace),
            timeout(LAST_REVOCATIONS, revocations.done())
        );
        if revoked.is_err() {
            tracing::warn!("a git credential could not be revoked in time");
        }
        drop(news);
        // A folder may hold a great many files.
        let removed = tokio::task::spawn_blocking(move || workspace.remove()).await;
        if cleared.is_err() {
            return Ending::Unfit(Unfit::Leftovers);
        }
        if let Err(error) = removed.map_err(io::Error::other).flatten() {
            return Ending::Unfit(Unfit::Folder(error));
        }
        if let Ending::Unfit(unfit) = ending {
            return self.blame(unfit, ground).await;
        }
        if matches!(ending, Ending::Report(_)) && timeout(LAST_NEWS, &mut courier.0).await.is_err()
        {
            tracing::warn!("the last news could not be told in time");
        }
        ending
    }

    /// With the job's folder gone it shows whose fault it was.
    async fn blame(&self, unfit: Unfit, ground: &Ground) -> Ending {
        let kind = match unfit {
            Unfit::Leftovers => return Ending::Unfit(unfit),
            Unfit::NoRoom => FailureKind::DiskUsedUp,
            _ => FailureKind::Internal,
        };
        if self.check(ground).await.is_err() {
            return Ending::Unfit(unfit);
        }
        tracing::error!(error = %unfit, "the job alone is not fit for this machine");
        Ending::Report(Report::failed(kind))
    }

    /// Whether this machine can do a job at all.
    async fn check(&self, ground: &Ground) -> Result<(), Unfit> {
        ground.check()?;
        let git = tokio::process::Command::new("git")
            .arg("--version")
            .env_clear()
            .env("PATH", &self.config.path)
            .output();
        git.await.map(drop).map_err(Unfit::Git)
    }
}

fn conclude(done: std::thread::Result<Result<Report, Halt>>, ground: &Ground) -> Ending {
    match done {
        Ok(Ok(report)) => Ending::Report(report),
        Ok(Err(Halt::Failed(failure))) => Ending::Report(Report::failed(failure)),
        Ok(Err(Halt::Stopped(stop))) => Ending::Stopped(stop),
        Ok(Err(Halt::Unfit(unfit))) => Ending::Unfit(unfit),
        // Names of files can sound like it, so the disk is asked.
        Ok(Err(Halt::NoRoom(failure))) => match ground.check() {
            Ok(()) => Ending::Report(Report::failed(failure)),
            Err(_) => Ending::Unfit(Unfit::NoRoom),
        },
        Ok(Err(Halt::Limited(until))) => Ending::GivenBack(GiveBack::ModelLimited, Some(until)),
        Err(_) => {
            tracing::error!("the work on a job fell over");
            Ending::Report(Report::failed(FailureKind::Internal))
        }
    }
}
