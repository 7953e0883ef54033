//! One run in a table, a provider, and the router in front of both.

use std::{collections::HashMap, sync::Arc, time::Duration};

use aws_config::retry::RetryConfig;
use aws_local::{Endpoints, ManualClock, sdk_config};
use axum::{Router, body::Body};
use contract::{
    Claim, ClaimProof, JobMessage, JobRef,
    worker::{ClaimRequest, ClaimResponse, FinishRequest, ReleaseRequest},
};
use domain::{
    Clock, Connection, DefinitionName, GiveBack, JobId, Outcome, Run, RunHead, SystemRandom,
};
use http::{Request, header};
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use kit::{Boundary, Clients};
use queues::Queue;
use runs::{Grant, JobQueue, Runs, TokenKeys};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::{Value, json};
use settings::Settings;
use simgithub::{AppRegistration, SimGitHub};
use store::{Brief, Store};
use tempfile::TempDir;
use testkit::runs::put_run;
use tower::ServiceExt;

use crate::answer::Answer;

const TABLE: &str = "switchyard";

/// Where git tokens are good for something.
pub(crate) const REPOSITORY: &str = "octo-demo/widgets";
/// The key that tokens are signed with.
pub(crate) const KEY: &str = "0123456789abcdef0123456789abcdef";
/// The key before that one.
pub(crate) const OLD_KEY: &str = "fedcba9876543210fedcba9876543210";
/// The key by which daemons prove themselves.
pub(crate) const DAEMON_KEY: &str = "56789abcdef0123456789abcdef01234";
/// The key before that one.
pub(crate) const OLD_DAEMON_KEY: &str = "ba9876543210fedcba9876543210fedc";
/// A heartbeat, in seconds, as the settings have it.
pub(crate) const HEARTBEAT: u32 = 7;
/// The wait between two requests with progress events, in milliseconds, as the settings have it.
pub(crate) const EVENTS: u32 = 1_234;
/// The calls that are made under a lease.
pub(crate) const UNDER_LEASE: [&str; 5] = ["heartbeat", "events", "git-token", "finish", "release"];

pub(crate) const GET: &str = "DynamoDB_20120810.GetItem";
pub(crate) const PUT: &str = "DynamoDB_20120810.PutItem";

/// The clock of everything here.
#[derive(Debug)]
struct Moved(ManualClock);

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

/// One queued run, and everything that its daemons can reach.
pub(crate) struct World {
    pub(crate) endpoints: Endpoints,
    pub(crate) github: SimGitHub,
    pub(crate) store: Store,
    pub(crate) clock: ManualClock,
    /// The run as it was created.
    pub(crate) run: Run,
    pub(crate) brief: Brief,
    /// Where jobs wait for daemons.
    pub(crate) jobs: Queue<JobMessage>,
    router: Router,
    _state: TempDir,
}

/// A daemon's hold on the job.
pub(crate) struct Held {
    pub(crate) claimed: ClaimResponse,
    pub(crate) token: String,
}

impl World {
    /// A run on a repository that the provider does not know.
    pub(crate) async fn start(name: DefinitionName) -> Self {
        let (clock, state) = (clock(), tempfile::tempdir().unwrap());
        let github = provider(&clock, &state).await;
        let at = (testkit::connection("default", 60_300_117), 771_200_345);
        Box::pin(Self::with(clock, state, github, at, name, &[])).await
    }

    /// A run on a repository that the provider knows.
    pub(crate) async fn with_repository(name: DefinitionName) -> Self {
        Self::with_settings(name, &[]).await
    }

    /// The same, with further settings.
    pub(crate) async fn with_settings(name: DefinitionName, more: &[(&str, &str)]) -> Self {
        let (clock, state) = (clock(), tempfile::tempdir().unwrap());
        let github = provider(&clock, &state).await;
        let files = [("README.md", "# Widgets\n")];
        let (owner, repository) = REPOSITORY.split_once('/').unwrap();
        let id = github
            .create_repository(owner, repository, &files)
            .await
            .unwrap();
        let installation = github.installation_id(REPOSITORY).await.unwrap().unwrap();
        let at = (testkit::connection("default", installation), id);
        Box::pin(Self::with(clock, state, github, at, name, more)).await
    }

    async fn with(
        clock: ManualClock,
        state: TempDir,
        github: SimGitHub,
        (connection, repository): (Connection, u64),
        name: DefinitionName,
        more: &[(&str, &str)],
    ) -> Self {
        let endpoints = Endpoints::start(aws_local::Config::in_memory(clock.clock()))
            .await
            .unwrap();
        // As many tries as on AWS, without the waits between them.
        let tries = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
        let config = sdk_config(endpoints.url()).into_builder();
        let aws = Clients::new(config.retry_config(tries.with_max_attempts(3)).build());
        testkit::create_table(&aws.dynamodb(), TABLE).await;
        let random = Arc::new(SystemRandom);
        let store = Store::new(aws.dynamodb(), TABLE, random.clone());
        let widgets = testkit::widgets(repository);
        let (subject, target) = (
            testkit::issue(&connection, &widgets, 7),
            testkit::code(&connection, &widgets),
        );
        let key = subject.key();
        let order = testkit::runs::order(subject, target, name, clock.now());
        let brief = brief();
        let keep = store.put_brief(&key, order.id, &brief, clock.now());
        keep.await.unwrap();
        let run = put_run(&store, order, clock.now()).await;
        let made = aws.sqs().create_queue().queue_name("jobs").send();
        let jobs = made.await.unwrap().queue_url.unwrap();
        let (api, web) = (github.api_url(), github.git_url());
        let settings = settings(api.as_str(), web.as_str(), &jobs, more);
        let shared = Arc::new(Moved(clock.clone()));
        let boundary = Boundary::new(shared.clone(), random.clone());
        let worker = worker::connect(&settings, &aws, shared, random).unwrap();
        Self {
            endpoints,
            github,
            store,
            clock,
            run,
            brief,
            jobs: Queue::new(aws.sqs(), jobs),
            router: worker::router(worker, boundary),
            _state: state,
        }
    }

    /// The job of the run.
    pub(crate) fn job(&self) -> JobRef {
        JobRef {
            job: self.run.job(),
            run: self.run.key(),
            step: RunHead::only_step(),
        }
    }

    /// The address of a call about the job.
    pub(crate) fn path(&self, call: &str) -> String {
        format!("/worker/v1/jobs/{}/{call}", self.run.job())
    }

    /// Sends any request.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: head.status,
            headers: head.headers,
            body: String::from_utf8(body.into()).unwrap(),
        }
    }

    /// Makes a call about the job.
    pub(crate) async fn call(&self, call: &str, token: &str, body: &impl Serialize) -> Answer {
        let body = serde_json::to_vec(body).unwrap();
        self.send(post(&self.path(call), token, body)).await
    }

    /// The token that comes with the job's message, good for longer than any test's time.
    pub(crate) fn claim_token(&self) -> String {
        let until = self.run.head().deadline() + SignedDuration::from_hours(1);
        let job = self.job();
        sign(KEY, &Grant::Claim { job, until })
    }

    /// Asks for the job as `daemon`.
    pub(crate) async fn claim(&self, daemon: &str) -> Answer {
        let token = self.claim_token();
        let request = self.proven(daemon, &token, DAEMON_KEY);
        self.call("claim", &token, &request).await
    }

    /// What `daemon` says to claim the job with `token`, proven now by `key`.
    pub(crate) fn proven(&self, daemon: &str, token: &str, key: &str) -> ClaimRequest {
        self.proven_for(self.run.job(), daemon, token, key)
    }

    /// The same for any job.
    pub(crate) fn proven_for(
        &self,
        job: JobId,
        daemon: &str,
        token: &str,
        key: &str,
    ) -> ClaimRequest {
        let daemon = daemon.parse().unwrap();
        let claim = Claim {
            job,
            token,
            daemon: &daemon,
        };
        let proof = Some(ClaimProof::new(&key.into(), claim, self.clock.now()));
        ClaimRequest { daemon, proof }
    }

    /// Gets the job as `daemon`.
    pub(crate) async fn lease(&self, daemon: &str) -> Held {
        let claimed: ClaimResponse = self.claim(daemon).await.ok();
        Held {
            token: claimed.lease.token.expose_secret().to_owned(),
            claimed,
        }
    }

    /// Ends the job.
    pub(crate) async fn finish(&self, held: &Held, request: &FinishRequest) -> Answer {
        self.call("finish", &held.token, request).await
    }

    /// Gives the job back.
    pub(crate) async fn release(&self, held: &Held, why: GiveBack) -> Answer {
        let not_before = None;
        self.call("release", &held.token, &ReleaseRequest { why, not_before })
            .await
    }

    /// Takes what is in sight of the queue of jobs.
    pub(crate) async fn take_jobs(&self) -> Vec<JobMessage> {
        let received = self.jobs.receive(Duration::ZERO, 10).await.unwrap();
        let messages = received.into_iter();
        messages.map(|received| received.message.unwrap()).collect()
    }

    /// A body that `call` takes.
    pub(crate) fn body(&self, call: &str) -> Value {
        let event = json!({ "at": self.clock.now(), "stage": "working", "text": "looks around" });
        match call {
            "claim" => {
                let request = self.proven("somebody", &self.claim_token(), DAEMON_KEY);
                serde_json::to_value(request).unwrap()
            }
            "events" => json!({ "first": 0, "events": [event] }),
            "release" => json!({ "why": "shutdown" }),
            "finish" => serde_json::to_value(ended(Outcome::Cancelled)).unwrap(),
            _ => json!({}),
        }
    }

    /// The use cases that no daemon calls, on the same table and queue.
    pub(crate) fn runs(&self) -> Runs {
        let clock = Arc::new(Moved(self.clock.clone()));
        let tokens = TokenKeys::new(KEY.into(), None);
        let jobs = JobQueue::new(self.jobs.clone(), tokens, clock.clone());
        let random = Arc::new(SystemRandom);
        Runs::new(self.store.clone(), jobs, engine::built_in(), clock, random)
    }

    /// The run as it is now.
    pub(crate) async fn now(&self) -> Run {
        self.store.run(&self.run.key()).await.unwrap().unwrap()
    }

    pub(crate) fn advance(&self, by: SignedDuration) {
        self.clock.advance(by);
    }
}

/// A report without cost and findings.
pub(crate) fn ended(outcome: Outcome) -> FinishRequest {
    FinishRequest {
        outcome,
        spent: domain::Spent::default(),
        revision: None,
        findings: None,
    }
}

pub(crate) fn sign(key: &str, grant: &Grant) -> String {
    let token = TokenKeys::new(key.into(), None).sign(grant);
    token.expose_secret().to_owned()
}

/// A request as a daemon makes it.
pub(crate) fn post(path: &str, token: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(body.into())
        .unwrap()
}

fn clock() -> ManualClock {
    ManualClock::new("2026-11-20T10:00:01Z".parse().unwrap())
}

async fn provider(clock: &ManualClock, state: &TempDir) -> SimGitHub {
    let key = simgithub::DEMONSTRATION_KEY_PEM;
    let app = AppRegistration::new(12_345, "Iv1.worker", "switchyard", key, "unused".into());
    let listen = "127.0.0.1:0".parse().unwrap();
    let config = simgithub::Config::new(listen, state.path().to_owned(), clock.clock(), app);
    SimGitHub::start(config).await.unwrap()
}

fn settings(github: &str, web: &str, jobs: &str, more: &[(&str, &str)]) -> Settings {
    let vars = [
        ("TABLE_NAME", TABLE),
        ("JOBS_QUEUE_URL", jobs),
        ("SWITCHYARD_TOKEN_KEY", KEY),
        ("SWITCHYARD_TOKEN_KEY_PREVIOUS", OLD_KEY),
        ("SWITCHYARD_DAEMON_KEY", DAEMON_KEY),
        ("SWITCHYARD_DAEMON_KEY_PREVIOUS", OLD_DAEMON_KEY),
        ("SWITCHYARD_EVENTS_MILLIS", &EVENTS.to_string()),
        ("SWITCHYARD_HEARTBEAT_SECONDS", &HEARTBEAT.to_string()),
        ("GITHUB_API_URL", github),
        ("GITHUB_GIT_URL", web),
        ("SWITCHYARD_GITHUB_MILLIS", "500"),
        ("GITHUB_APP_ID", "12345"),
        ("GITHUB_APP_PRIVATE_KEY", simgithub::DEMONSTRATION_KEY_PEM),
    ];
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let all = vars.iter().chain(more).map(owned);
    Settings::from_vars(all.collect::<HashMap<_, _>>())
}

/// Why the function does not start with these settings.
pub(crate) fn refused(more: &[(&str, &str)]) -> String {
    let nowhere = "http://127.0.0.1:9/";
    let settings = settings(nowhere, nowhere, nowhere, more);
    let aws = Clients::new(sdk_config(nowhere));
    let clock = Arc::new(Moved(clock()));
    let started = worker::connect(&settings, &aws, clock, Arc::new(SystemRandom));
    started.unwrap_err().to_string()
}

fn brief() -> Brief {
    Brief {
        title: "total() forgets the last widget".to_owned(),
        body: "It counts one too few.".to_owned(),
        request: Some("bot:implement".to_owned()),
    }
}
