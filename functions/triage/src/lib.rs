//! Records a delivery once, decides what it means and starts the run.
//!
//! Triggered by the deliveries queue, with partial batch responses: a message whose handling fails comes
//! again by itself, and the others of its batch do not.

use std::{collections::HashMap, hash::BuildHasher, sync::Arc, time::Duration};

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use blobs::Blobs;
use cedar::{LoadError, Policies};
use contract::{DeliveryMessage, JobMessage};
use domain::{
    Connections, Delivery, OwnerList, SharedClock, SharedRandom, StepName, SystemRandom, TraceStep,
};
use github::{ConnectError, GitHub, GitHubSettings};
use intake::{Triage, TriageParts, Triaged};
use kit::{Clients, Settings, SettingsError};
use policy::Gate;
use queues::Queue;
use runs::{AppError, JobQueue, Runs, TokenKeys};
use store::Store;
use tracing::{Span, field::display};

/// The settings that may come from Parameter Store.
pub const PARAMETERS: [&str; 3] = [
    "GITHUB_APP_ID",
    "GITHUB_APP_PRIVATE_KEY",
    "SWITCHYARD_TOKEN_KEY",
];

/// Puts the function together from its settings.
pub fn connect(
    settings: &Settings,
    aws: &Clients,
    clock: SharedClock,
    random: SharedRandom,
) -> Result<Triage, SettingsError> {
    let mut read = settings.reader();
    let (table, jobs) = (read.text("TABLE_NAME"), read.text("JOBS_QUEUE_URL"));
    let bucket = read.text("BODIES_BUCKET");
    let tenant = read.parse("SWITCHYARD_TENANT", "`ten_` and a name");
    let owners = read.list("SWITCHYARD_ALLOWED_OWNERS", "logins, separated by commas");
    let token_key = read.secret("SWITCHYARD_TOKEN_KEY");
    let (api, app_id) = (read.url("GITHUB_API_URL"), read.text("GITHUB_APP_ID"));
    let private_key = read.secret("GITHUB_APP_PRIVATE_KEY");
    let (table, jobs, bucket, connections, tokens, github) = read.finish(|| {
        let connections = Connections::single_tenant(tenant?, OwnerList::new(owners?));
        let github = GitHubSettings {
            api: api?,
            app_id: app_id?,
            private_key: private_key?,
        };
        Some((
            table?,
            jobs?,
            bucket?,
            connections,
            TokenKeys::new(token_key?, None),
            github,
        ))
    })?;
    let github = GitHub::connect(github, clock.clone()).map_err(|error| wrong_key(&error))?;
    let store = Store::new(aws.dynamodb(), table, random.clone());
    let jobs = JobQueue::new(Queue::new(aws.sqs(), jobs), tokens, clock.clone());
    let policies = Policies::standard().map_err(|error| wrong_policies(&error))?;
    Ok(Triage::new(TriageParts {
        runs: Runs::new(
            store.clone(),
            jobs,
            engine::built_in(),
            clock.clone(),
            random,
        ),
        definitions: engine::built_in(),
        store,
        blobs: Blobs::new(aws.s3(), bucket),
        authority: Arc::new(github.clone()),
        code_host: Arc::new(github),
        gate: Gate::new(policies),
        connections,
        clock,
    }))
}

/// Opens the connections that events will need. The environment is all it knows, so that it can go on while the
/// parameters are read.
pub async fn warm_up(vars: &HashMap<String, String, impl BuildHasher>, aws: &Clients) {
    let table = async {
        if let Some(table) = vars.get("TABLE_NAME") {
            let store = Store::new(aws.dynamodb(), table, Arc::new(SystemRandom));
            store.warm_up().await;
        }
    };
    // All queues are at one address.
    let queue = async {
        if let Some(url) = vars.get("JOBS_QUEUE_URL") {
            Queue::<JobMessage>::new(aws.sqs(), url).warm_up().await;
        }
    };
    tokio::join!(table, queue);
}

/// Handles one batch of the deliveries queue, each message within that time and a write: see [`Triage::WITHIN`].
pub async fn handle(triage: &Triage, event: SqsEvent, within: Duration) -> SqsBatchResponse {
    kit::handle_batch(event, |message| handle_message(triage, message, within)).await
}

/// Why a message comes again.
#[derive(Debug, thiserror::Error)]
enum MessageError {
    /// No version of this code wrote it; after a few times it is put aside for an operator.
    #[error("the message cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// Something outside failed.
    #[error(transparent)]
    App(#[from] AppError),
}

async fn handle_message(
    triage: &Triage,
    message: SqsMessage,
    within: Duration,
) -> Result<(), MessageError> {
    let message: DeliveryMessage = serde_json::from_str(&message.body.unwrap_or_default())?;
    let span = Span::current();
    span.record("trace.id", message.trace.as_str());
    span.record("delivery.id", message.delivery.as_str());
    match triage.handle_delivery(&message, within).await? {
        Triaged::Decided(delivery) => decided(&delivery),
        Triaged::Duplicate(delivery) => duplicate(&delivery),
        Triaged::Interrupted(delivery) => interrupted(&delivery),
        Triaged::Irrelevant => tracing::info!("delivery {} asks for nothing", message.delivery),
        Triaged::Unclaimed => {
            tracing::info!(
                "delivery {} is for no installation of the app",
                message.delivery
            );
        }
    }
    Ok(())
}

fn decided(delivery: &Delivery) {
    let span = Span::current();
    span.record("tenant.id", display(delivery.key.tenant()));
    if let Some(queued) = find(delivery, StepName::Queued) {
        span.record("job.id", &queued.detail);
    }
    let last = delivery.steps.last().map(|step| step.at);
    let took = last.map(|last| last.duration_since(delivery.received_at).as_secs_f64());
    tracing::info!(
        steps = steps(delivery),
        metric.DeliveriesDecided = 1_u64,
        metric.DecisionSeconds = took.map(|seconds| seconds.max(0.0)),
        dimension.Verdict = delivery.verdict.name(),
        "delivery {} is decided",
        delivery.key.id(),
    );
}

/// It is on record, so that its message need not come again.
fn interrupted(delivery: &Delivery) {
    Span::current().record("tenant.id", display(delivery.key.tenant()));
    tracing::info!(
        steps = steps(delivery),
        "delivery {} is taken up again later",
        delivery.key.id()
    );
}

/// The first message's trace is the one that everything about the delivery belongs to.
fn duplicate(delivery: &Delivery) {
    let span = Span::current();
    span.record("trace.id", delivery.trace.as_str());
    span.record("tenant.id", display(delivery.key.tenant()));
    tracing::info!("delivery {} is a duplicate", delivery.key.id());
}

fn find(delivery: &Delivery, name: StepName) -> Option<&TraceStep> {
    delivery.steps.iter().find(|step| step.step == name)
}

fn steps(delivery: &Delivery) -> String {
    let steps = delivery.steps.iter();
    let steps: Vec<String> = steps
        .map(|step| format!("{}: {}", step.step, step.detail))
        .collect();
    steps.join("; ")
}

fn wrong_key(error: &ConnectError) -> SettingsError {
    let solution = "Give the app's RSA key in PEM form, as GitHub made it.";
    SettingsError::one("GITHUB_APP_PRIVATE_KEY", &error.to_string(), solution)
}

/// The policies are part of the program, so no setting can mend them.
fn wrong_policies(error: &LoadError) -> SettingsError {
    let solution = "Deploy a build whose tests have passed.";
    SettingsError::one("default.cedar", &error.to_string(), solution)
}
