//! What stands around one process: an account with the state that its events need, and those events.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use contract::{DeliveryBody, DeliveryMessage, JobMessage, PackedBody, Proven, Version};
use domain::{Clock, Provider, Random, SystemClock, SystemRandom, TraceId};
use ingress::github;
use jiff::SignedDuration;
use queues::{Queue, Received};
use serde_json::{Value, json};
use settings::Settings;

use crate::{
    claims,
    front::{Authority, Front, Trusted},
    process::{Kind, Program, WARM},
    provider::{Comment, People},
    world::{DAEMON_KEY, SECRET, TABLE, TOKEN_KEY, World, clock_at},
};

const PREFIX: &str = "/switchyard/bench";
const WEBHOOK: &str = include_str!("../../../events/webhook-function-url.json");
const TRIAGE: &str = include_str!("../../../events/triage-sqs.json");
const API: &str = include_str!("../../../events/api-health-http-api.json");
const TICK: &str = include_str!("../../../events/scheduler-schedule.json");

/// What an answer has to be, so that nobody measures how fast something fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// An HTTP response with this status.
    Status(u16),
    /// A batch without failures.
    NoFailures,
    /// A tick that sent so many jobs again, and failed nowhere.
    Resent(u64),
    /// A word.
    Hello,
}

impl Expected {
    /// What is expected when the same is done again.
    pub(crate) fn again(self) -> Self {
        match self {
            Self::Resent(_) => Self::Resent(0),
            other => other,
        }
    }

    pub(crate) fn met_by(self, answer: &str) -> bool {
        let answer: Value = serde_json::from_str(answer).unwrap_or_default();
        match self {
            Self::Status(status) => answer["statusCode"] == status,
            Self::NoFailures => answer["batchItemFailures"] == json!([]),
            Self::Resent(jobs) => answer["resent"] == jobs && answer["failed"] == 0,
            Self::Hello => answer == "hello",
        }
    }
}

/// One process's surroundings.
pub(crate) struct Scene {
    pub(crate) front: Front,
    pub(crate) environment: HashMap<String, String>,
    pub(crate) first: String,
    pub(crate) expected: Expected,
    warm: Warm,
    // Its endpoints stop when it is dropped.
    _world: World,
}

/// The events after the first one.
enum Warm {
    Same,
    These(Vec<String>),
    Heartbeats,
}

impl Scene {
    /// Sets everything up for one start of `program`.
    pub(crate) async fn set(
        program: &Program,
        people: &People,
        authority: &Authority,
        trusted: &Trusted,
    ) -> Result<Self> {
        let world = World::start().await;
        let secrets = secrets();
        let plain = settings(&world, people);
        let parameters = secrets
            .iter()
            .map(|(name, value)| (format!("{PREFIX}/{name}"), value.clone()));
        let front = Front::start(world.endpoints.url(), parameters.collect(), authority).await?;
        let mut environment = plain.clone();
        environment.extend(lambda(program.name, trusted));
        environment.extend(front.variables());
        let all: HashMap<String, String> = plain.into_iter().chain(secrets).collect();
        let (first, warm, expected) = events(program, &world, people, all).await?;
        Ok(Self {
            front,
            environment,
            first,
            expected,
            warm,
            _world: world,
        })
    }

    /// The events after the first one, which was answered with `answer`.
    pub(crate) fn warm(&self, answer: &str) -> Result<Vec<String>> {
        let same = |event: &str| vec![event.to_owned(); WARM as usize];
        Ok(match &self.warm {
            Warm::Same => same(&self.first),
            Warm::These(events) => events.clone(),
            Warm::Heartbeats => same(&claims::heartbeat(&self.first, answer)?),
        })
    }
}

async fn events(
    program: &Program,
    world: &World,
    people: &People,
    settings: HashMap<String, String>,
) -> Result<(String, Warm, Expected)> {
    let work = match program.kind {
        Kind::Ours => program.name,
        Kind::Alike(name) => name,
        Kind::Idle => return Ok((WEBHOOK.to_owned(), Warm::Same, Expected::Hello)),
    };
    Ok(match work {
        "webhook" => (
            delivered(&people.ask(1).await?[0])?,
            Warm::Same,
            Expected::Status(202),
        ),
        "triage" => {
            let comments = people.ask(WARM as usize + 1).await?;
            let mut events = comments.iter().map(queued).collect::<Result<Vec<_>>>()?;
            let first = events.remove(0);
            (first, Warm::These(events), Expected::NoFailures)
        }
        "worker" => {
            let claim = if program.kind == Kind::Ours {
                let job = started(world, people, settings, SignedDuration::ZERO).await?;
                claims::of(&job)?
            } else {
                claims::of_simple_job(world).await?
            };
            (claim, Warm::Heartbeats, Expected::Status(200))
        }
        "api" => (API.to_owned(), Warm::Same, Expected::Status(200)),
        "scheduler" => {
            // GitHub has to agree with the time at which the run was started.
            let ago = SignedDuration::from_mins(15);
            let past = People::start(ago).await?;
            let api = past.api().to_owned();
            let mut settings = settings;
            settings.insert("GITHUB_API_URL".to_owned(), api);
            started(world, &past, settings, ago).await?;
            (TICK.to_owned(), Warm::Same, Expected::Resent(1))
        }
        "relay" => {
            started(world, people, settings, SignedDuration::ZERO).await?;
            let mut stream = world.endpoints.stream_reader(TABLE, "bench");
            let records = stream.next(100).await?.records;
            let event = json!({ "Records": records }).to_string();
            (event, Warm::Same, Expected::NoFailures)
        }
        other => bail!("there is no event for {other}"),
    })
}

/// Starts a run with the very code of `triage`, as of some time ago, and gives the message with its job.
async fn started(
    world: &World,
    people: &People,
    settings: HashMap<String, String>,
    ago: SignedDuration,
) -> Result<JobMessage> {
    let clock = clock_at(SystemClock.now() - ago);
    let random = std::sync::Arc::new(SystemRandom);
    let settings = Settings::from_vars(settings);
    let triage = triage::connect(&settings, &world.aws, clock, random)?;
    let event = queued(&people.ask(1).await?[0])?;
    let response = triage::handle(
        &triage,
        serde_json::from_str(&event)?,
        intake::Triage::WITHIN,
    )
    .await;
    anyhow::ensure!(response.batch_item_failures.is_empty(), "{response:?}");
    let queue = Queue::new(world.aws.sqs(), &world.jobs);
    let received: Vec<Received<JobMessage>> = queue.receive(std::time::Duration::ZERO, 1).await?;
    let received = received.into_iter().next().context("no run was started")?;
    received.message.ok().context("a job that cannot be read")
}

/// The event of `webhook`.
fn delivered(comment: &Comment) -> Result<String> {
    let mut event: Value = serde_json::from_str(WEBHOOK)?;
    let signature = simgithub::sign_sha256(SECRET.as_bytes(), comment.payload.as_bytes());
    event["body"] = comment.payload.as_str().into();
    event["headers"]["x-github-delivery"] = comment.guid.as_str().into();
    event["headers"]["x-hub-signature-256"] = signature.into();
    Ok(event.to_string())
}

/// The event of `triage`.
fn queued(comment: &Comment) -> Result<String> {
    let message = DeliveryMessage {
        version: Version,
        proven: Proven::App {
            provider: Provider::Github,
            installation: github::source(comment.payload.as_bytes()).installation,
        },
        delivery: comment.guid.parse().context("an id")?,
        event: "issue_comment".to_owned(),
        received_at: SystemClock.now(),
        trace: TraceId::mint(&SystemRandom),
        repository: None,
        body: DeliveryBody::Inline {
            data: PackedBody::pack(comment.payload.as_bytes()),
        },
    };
    let mut event: Value = serde_json::from_str(TRIAGE)?;
    let records = event["Records"].as_array_mut().context("records")?;
    records.truncate(1);
    records[0]["body"] = serde_json::to_string(&message)?.into();
    Ok(event.to_string())
}

/// What the template puts into the environment of functions.
fn settings(world: &World, people: &People) -> HashMap<String, String> {
    owned(&[
        ("TABLE_NAME", TABLE),
        ("DELIVERIES_QUEUE_URL", &world.deliveries),
        ("JOBS_QUEUE_URL", &world.jobs),
        ("BODIES_BUCKET", "bodies"),
        ("SWITCHYARD_TENANT", "ten_default"),
        ("SWITCHYARD_ALLOWED_OWNERS", "octo-demo"),
        ("GITHUB_API_URL", people.api()),
        ("GITHUB_GIT_URL", "https://github.example"),
    ])
}

/// What Parameter Store holds.
fn secrets() -> HashMap<String, String> {
    owned(&[
        ("GITHUB_APP_ID", "12345"),
        ("GITHUB_APP_PRIVATE_KEY", simgithub::DEMONSTRATION_KEY_PEM),
        ("GITHUB_WEBHOOK_SECRET", SECRET),
        ("SWITCHYARD_TOKEN_KEY", TOKEN_KEY),
        ("SWITCHYARD_DAEMON_KEY", DAEMON_KEY),
    ])
}

/// What Lambda puts into the environment.
fn lambda(name: &str, trusted: &Trusted) -> HashMap<String, String> {
    let mut random = [0; 4];
    SystemRandom.fill(&mut random);
    owned(&[
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", name),
        ("AWS_LAMBDA_LOG_STREAM_NAME", &format!("{random:02x?}")),
        ("AWS_REGION", aws_local::REGION),
        ("AWS_DEFAULT_REGION", aws_local::REGION),
        ("AWS_ACCESS_KEY_ID", name),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_SESSION_TOKEN", "test"),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
        ("SSL_CERT_FILE", &trusted.all),
        ("AWS_CA_BUNDLE", &trusted.all),
        // Node brings the usual ones along.
        ("NODE_EXTRA_CA_CERTS", &trusted.own),
        ("SWITCHYARD_PARAMETERS", PREFIX),
        ("LANG", "en_US.UTF-8"),
        ("TZ", ":UTC"),
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
    ])
}

fn owned(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}
