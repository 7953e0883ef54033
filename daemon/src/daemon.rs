//! Taking jobs from the queue and seeing each to its end.

use std::{
    ffi::OsString,
    io,
    panic::AssertUnwindSafe,
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use contract::{
    JobMessage,
    worker::{ClaimResponse, FinishRequest},
};
use domain::{
    CommitSha, DaemonId, FailureKind, GiveBack, Redactor, SharedClock, SharedRandom, Spent,
};
use egress::{HttpClient, WorkerClient, WorkerError};
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use jiff::Timestamp;
use queues::{Queue, Received};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{sleep, timeout};
use tracing::{
    Instrument as _, Span,
    field::{Empty, display},
    info_span,
};
use url::Url;

use crate::{
    Harness, History, Hosts, Model, Sandbox, Scan,
    ground::Ground,
    health::beat,
    job::{Halt, Job, Report},
    lease::{Lease, Stop, Ticket},
    news::news,
    unfit::Unfit,
    workspace::Workspace,
};

/// How long the last news may take.
const LAST_NEWS: Duration = Duration::from_secs(5);
/// The longest pause between two tries of anything that must be told.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// What an agent may use up.
#[derive(Clone, Copy, Debug)]
pub struct AgentLimits {
    /// How long it may run; the job's deadline may come earlier.
    pub wall: Duration,
    /// How long it may be silent while neither a tool nor the model is at work, if that matters.
    pub idle: Option<Duration>,
    /// How long a call to its model may go without a sign.
    pub model_idle: Duration,
    /// How many bytes it may write to standard output and standard error together.
    pub output_bytes: u64,
}

/// How a daemon works.
#[derive(Clone, Debug)]
pub struct DaemonConfig {
    /// Its own name, different for every process.
    pub id: DaemonId,
    /// The folder in which it makes its own; several daemons may share it.
    pub work_dir: PathBuf,
    /// The provider's REST API.
    pub github_api: Url,
    /// The provider's address for clones.
    pub github_git: Url,
    /// How much history an agent gets to see.
    pub history: History,
    /// Where git, agents and what they call are looked for.
    pub path: OsString,
    /// The program and arguments that check a change, if the operator wants that.
    pub check: Option<Vec<String>>,
    /// What an agent and the checks may use up, each.
    pub agent: AgentLimits,
    /// Where the ends of agents' outputs are kept. Agents of later jobs may read there.
    pub agent_logs: Option<PathBuf>,
    /// What jobs may reach where their network is their own.
    pub hosts: Hosts,
    /// How long one receiving waits for a message.
    pub wait: Duration,
    /// The first pause before something is tried again.
    pub pause: Duration,
    /// How long a job may go on once the daemon is asked to end.
    pub drain: Duration,
}

/// A daemon with everything it works with. It does one job at a time: what an agent leaves behind can
/// then be told from everything else. For more at once, run more processes.
#[derive(Debug)]
pub struct Daemon {
    /// How it works.
    pub config: DaemonConfig,
    /// Where jobs come from.
    pub jobs: Queue<JobMessage>,
    /// The platform.
    pub worker: WorkerClient,
    /// The way to the provider.
    pub http: HttpClient,
    /// The agent program.
    pub harness: Arc<dyn Harness>,
    /// The way to its model, if the operator has set one.
    pub model: Option<Model>,
    /// The model that looks over what agents wrote, if the operator wants that.
    pub scan: Option<Scan>,
    /// The time.
    pub clock: SharedClock,
    /// Randomness for names and boundaries.
    pub random: SharedRandom,
    /// The boundary around jobs.
    pub sandbox: Sandbox,
    /// What must never appear in a change, beyond what is known to look like a credential.
    pub secrets: Vec<SecretString>,
}

type Shutdown = Shared<BoxFuture<'static, ()>>;

/// How work on a job came to an end.
enum Ending {
    Report(Report),
    Stopped(Stop),
    GivenBack(GiveBack, Option<Timestamp>),
    Unfit(Unfit),
}

/// Takes jobs until `shutdown` completes; then a job at hand may still end within the drain time, and is
/// given back otherwise. Fails as soon as this daemon is not fit for any job: the one at hand is given back, and
/// whoever started this one starts another.
pub async fn run(
    daemon: Daemon,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Unfit> {
    let ground = Ground::take(&daemon.config.work_dir, &*daemon.random).await?;
    daemon.sandbox.clear_users().await?;
    let _beating = Aborting(tokio::spawn(beat(daemon.config.work_dir.clone())));
    let shutdown = shutdown.boxed().shared();
    tracing::info!(
        daemon.id = %daemon.config.id,
        harness = daemon.harness.name(),
        sandbox = %daemon.sandbox.level(),
        "the daemon takes jobs"
    );
    let mut pause = daemon.config.pause;
    loop {
        let received = tokio::select! {
            biased;
            () = shutdown.clone() => break,
            received = daemon.jobs.receive(daemon.config.wait, 1) => received,
        };
        match received {
            Ok(messages) => {
                pause = daemon.config.pause;
                for message in messages {
                    daemon.take(message, &ground, &shutdown).await?;
                }
            }
            Err(error) => {
                tracing::error!(%error, "the jobs queue cannot be read");
                tokio::select! {
                    () = shutdown.clone() => break,
                    () = sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
                }
            }
        }
    }
    tracing::info!(daemon.id = %daemon.config.id, "the daemon ends");
    Ok(())
}

impl Daemon {
    async fn take(
        &self,
        received: Received<JobMessage>,
        ground: &Ground,
        shutdown: &Shutdown,
    ) -> Result<(), Unfit> {
        let received_at = self.clock.now();
        let message = match received.message {
            Ok(message) => message,
            Err(error) => {
                // It comes again until the queue puts it aside for the operator.
                tracing::error!(%error, message.id = received.id, "a message is not a job");
                return Ok(());
            }
        };
        let ticket = Ticket {
            queue: self.jobs.clone(),
            handle: received.handle,
            received_at,
        };
        let span = self.span(&message, &received.id);
        let handled = async {
            tracing::info!(receives = received.receives, "a job is here");
            if let Err(unfit) = ground.check() {
                // Nobody has it yet, so another daemon may have it at once.
                ticket.hide(Duration::ZERO).await;
                return Err(unfit);
            }
            match self
                .worker
                .claim(message.job, &message.token, &self.config.id, received_at)
                .await
            {
                Ok(claim) => self.work(&message, &claim, ticket, ground, shutdown).await,
                Err(error) => {
                    refused(&error, &ticket).await;
                    Ok(())
                }
            }
        };
        Box::pin(handled.instrument(span)).await
    }

    /// The span of one receiving of a job. Every line of the work on it is within.
    fn span(&self, message: &JobMessage, id: &str) -> Span {
        info_span!(
            "job",
            message.id = id,
            trace.id = message.trace.as_str(),
            job.id = %message.job,
            run.id = Empty,
            daemon.id = %self.config.id,
            lease.fence = Empty,
            "error.type" = Empty,
            otel.kind = "consumer",
            otel.name = "process jobs",
            otel.key = Empty,
            otel.parent = telemetry::DELIVERY,
            messaging.system = "aws_sqs",
            "messaging.operation.type" = "process",
            messaging.operation.name = "process",
            messaging.destination.name = self.jobs.name(),
            messaging.message.id = id,
        )
    }

    async fn work(
        &self,
        message: &JobMessage,
        claim: &ClaimResponse,
        ticket: Ticket,
        ground: &Ground,
        shutdown: &Shutdown,
    ) -> Result<(), Unfit> {
        let (job, grant) = (message.job, &claim.lease);
        let span = Span::current();
        span.record("run.id", display(claim.payload.run));
        span.record("lease.fence", grant.fence.0);
        // The api function knows this name of the span too, and hangs its own there.
        span.record("otel.key", display(format_args!("{job}/{}", grant.fence.0)));
        tracing::info!(verb = %claim.payload.verb, "the job is ours");
        let lease = Lease::new(self.worker.clone(), self.clock.clone(), job, grant, ticket);
        let lease = Arc::new(lease);
        let so_far = SoFar::default();
        let ending = self.attempt(claim, &lease, ground, &so_far, shutdown).await;
        let ended = match ending {
            Ending::Report(report) => self.finish(&lease, so_far.ends(report)).await,
            Ending::Stopped(Stop::Cancelled(reason)) => {
                self.finish(&lease, so_far.ends(Report::cancelled(reason)))
                    .await
            }
            Ending::Stopped(stop) => Err(stop),
            Ending::GivenBack(why, not_before) => {
                lease.give_back(why, not_before).await;
                return Ok(());
            }
            Ending::Unfit(unfit) => {
                tracing::error!(error = %unfit, "the job is given back, since this daemon cannot go on");
                lease.give_back(GiveBack::Environment, None).await;
                return Err(unfit);
            }
        };
        match ended {
            Ok(()) => tracing::info!("the job has ended"),
            Err(stop) => tracing::warn!(?stop, "the job is not ours any more"),
        }
        if !matches!(ended, Err(Stop::Lost)) {
            lease.ticket().delete().await;
        }
        Ok(())
    }

    /// Works until there is a report or a reason to stop, and leaves neither process nor file behind.
    async fn attempt(
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
        let redactor = redactor(&self.secrets, lease);
        let told = redactor.clone();
        let (news, courier) = news(self.clock.clone(), lease.clone(), interval, told);
        let mut courier = Aborting(tokio::spawn(courier.run().in_current_span()));
        let job = Job {
            bot_id: OnceLock::new(),
            daemon: self,
            payload,
            lease,
            news: &news,
            redactor: &redactor,
            workspace: &workspace,
            spent: &so_far.spent,
            revision: &so_far.revision,
        };
        let ending = tokio::select! {
            done = AssertUnwindSafe(job.perform()).catch_unwind() => conclude(done),
            stop = lease.keep() => Ending::Stopped(stop),
            () = async { shutdown.clone().await; sleep(self.config.drain).await } => Ending::GivenBack(GiveBack::Shutdown, None),
        };
        let cleared = self.sandbox.clear(&workspace).await;
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
            // With the job's folder gone it shows whose fault it was.
            return match self.check(ground).await {
                Ok(()) if !matches!(unfit, Unfit::Leftovers) => {
                    tracing::error!(error = %unfit, "the job alone is not fit for this machine");
                    Ending::Report(Report::failed(FailureKind::Internal))
                }
                _ => Ending::Unfit(unfit),
            };
        }
        if matches!(ending, Ending::Report(_)) && timeout(LAST_NEWS, &mut courier.0).await.is_err()
        {
            tracing::warn!("the last news could not be told in time");
        }
        ending
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

    /// Tells the end until it is heard, as long as the lease may hold.
    async fn finish(&self, lease: &Lease, request: FinishRequest) -> Result<(), Stop> {
        let telling = self.tell_end(lease, &request);
        let mut telling = std::pin::pin!(telling);
        loop {
            tokio::select! {
                told = telling.as_mut() => return told,
                stop = lease.keep() => match stop {
                    // The end is decided; a wish to stop comes too late.
                    Stop::Cancelled(_) => {}
                    stop => return Err(stop),
                },
            }
        }
    }

    async fn tell_end(&self, lease: &Lease, request: &FinishRequest) -> Result<(), Stop> {
        let mut pause = self.config.pause;
        loop {
            match lease.finish(request).await {
                Ok(()) => return Ok(()),
                Err(error @ (WorkerError::Refused(_) | WorkerError::Misconfigured { .. })) => {
                    // Saying it again changes nothing; the lease runs out and the platform decides.
                    tracing::error!(%error, "the end of the job is not accepted");
                    return Err(Stop::Lost);
                }
                Err(error) => lease.judge(&error)?,
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// What is known of a job at work, told also when it fails.
#[derive(Debug, Default)]
struct SoFar {
    spent: Mutex<Spent>,
    revision: OnceLock<CommitSha>,
}

impl SoFar {
    /// The end of the job.
    fn ends(self, report: Report) -> FinishRequest {
        let spent = self.spent.into_inner();
        let spent = spent.unwrap_or_else(PoisonError::into_inner);
        report.request(spent, self.revision.into_inner())
    }
}

/// Knows the secrets that are near a job.
fn redactor(secrets: &[SecretString], lease: &Lease) -> Redactor {
    let near = secrets.iter().chain([lease.token()]);
    Redactor::knowing(near.map(ExposeSecret::expose_secret))
}

fn conclude(done: std::thread::Result<Result<Report, Halt>>) -> Ending {
    match done {
        Ok(Ok(report)) => Ending::Report(report),
        Ok(Err(Halt::Failed(failure))) => Ending::Report(Report::failed(failure)),
        Ok(Err(Halt::Stopped(stop))) => Ending::Stopped(stop),
        Ok(Err(Halt::Unfit(unfit))) => Ending::Unfit(unfit),
        Ok(Err(Halt::Limited(until))) => Ending::GivenBack(GiveBack::ModelLimited, Some(until)),
        Err(_) => {
            tracing::error!("the work on a job fell over");
            Ending::Report(Report::failed(FailureKind::Internal))
        }
    }
}

async fn refused(error: &WorkerError, ticket: &Ticket) {
    match error {
        WorkerError::JobFinished | WorkerError::Unauthorized | WorkerError::NotFound => {
            tracing::info!(%error, "the message is of no use any more");
            ticket.delete().await;
        }
        WorkerError::JobLeased => {
            // The holder is alive and has a message of its own. Left here, this copy would come back again and again,
            // until the queue puts it aside as if something were wrong. Should the holder be lost, the scheduler
            // queues the job anew.
            tracing::info!("somebody else has the job; this copy of its message goes");
            ticket.delete().await;
        }
        WorkerError::JobWaiting { retry_after } => {
            tracing::info!(%error, "nobody may have the job yet");
            ticket.hide(*retry_after).await;
        }
        _ => tracing::error!(%error, "the job could not be claimed; it comes again"),
    }
}

/// A task that does not outlive its owner.
struct Aborting(tokio::task::JoinHandle<()>);

impl Drop for Aborting {
    fn drop(&mut self) {
        self.0.abort();
    }
}
