//! Records a delivery once, decides what it means and starts the run.
//!
//! Triggered by the deliveries queue, with partial batch responses: a message whose handling fails comes
//! again by itself, and the others of its batch do not.

use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use blobs::Blobs;
use cedar::{LoadError, Policies};
use compose::Connection;
use contract::{DeliveryMessage, log_fields};
use domain::{Connections, Delivery, OwnerList, RunHead, SharedClock, SharedRandom, Verdict};
use intake::{Triage, TriageParts, Triaged};
use kit::Clients;
use policy::Gate;
use runs::{AppError, Runs};
use settings::{
    BODIES_BUCKET, Program, SWITCHYARD_ALLOWED_OWNERS, SWITCHYARD_TENANT, Settings, SettingsError,
    WrongSetting,
};
use tracing::{Span, field::display};

/// The connections that events will need.
pub const CONNECTIONS: [Connection; 2] = [Connection::Table, Connection::Queues];

/// Puts the function together from its settings.
pub fn connect(
    settings: &Settings,
    aws: &Clients,
    clock: SharedClock,
    random: SharedRandom,
) -> Result<Triage, SettingsError> {
    let mut read = settings.reader(Program::Triage);
    let store = compose::table(&mut read, aws, random.clone());
    let keys = compose::signing_keys(&mut read);
    let jobs = compose::job_queue(&mut read, aws, keys, &clock);
    let bucket = read.get(&BODIES_BUCKET);
    let tenant = read.get(&SWITCHYARD_TENANT);
    let owners = read.get(&SWITCHYARD_ALLOWED_OWNERS).unwrap_or_default();
    let github = compose::github_app(&mut read, &clock);
    let policies = Policies::standard().map_err(|error| wrong_policies(&error))?;
    read.finish(|| {
        let (store, definitions) = (store?, engine::built_in());
        let github = github?;
        Some(Triage::new(TriageParts {
            runs: Runs::new(store.clone(), jobs?, definitions, clock.clone(), random),
            definitions,
            store,
            blobs: Blobs::new(aws.s3(), bucket?),
            authority: github.clone(),
            code_host: github,
            gate: Gate::new(policies),
            connections: Connections::single_tenant(tenant?, OwnerList::new(owners)),
            clock,
        }))
    })
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
    span.record(log_fields::TRACE_ID, message.trace.as_str());
    span.record(log_fields::DELIVERY_ID, message.delivery.as_str());
    match triage.handle_delivery(&message, within).await? {
        Triaged::Decided(delivery) => decided(&delivery),
        Triaged::Duplicate(delivery) => duplicate(&delivery),
        Triaged::Interrupted(delivery) => interrupted(&delivery),
        Triaged::Irrelevant => tracing::info!("delivery {} asks for nothing", message.delivery),
        Triaged::Unclaimed => {
            tracing::warn!(
                "delivery {} names no connection, or cannot be read",
                message.delivery
            );
        }
    }
    Ok(())
}

fn decided(delivery: &Delivery) {
    let span = Span::current();
    span.record(log_fields::TENANT_ID, display(delivery.key.tenant()));
    if let Verdict::Starting { start } = &delivery.verdict {
        span.record(log_fields::RUN_ID, display(start.id));
        let job = RunHead::only_step().job(start.id);
        span.record(log_fields::JOB_ID, display(job));
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
    Span::current().record(log_fields::TENANT_ID, display(delivery.key.tenant()));
    tracing::info!(
        steps = steps(delivery),
        "delivery {} is taken up again later",
        delivery.key.id()
    );
}

/// The first message's trace is the one that everything about the delivery belongs to.
fn duplicate(delivery: &Delivery) {
    let span = Span::current();
    span.record(log_fields::TRACE_ID, delivery.trace.as_str());
    span.record(log_fields::TENANT_ID, display(delivery.key.tenant()));
    tracing::info!("delivery {} is a duplicate", delivery.key.id());
}

fn steps(delivery: &Delivery) -> String {
    let steps = delivery.steps.iter();
    let steps: Vec<String> = steps
        .map(|step| format!("{}: {}", step.step, step.detail))
        .collect();
    steps.join("; ")
}

/// The policies are part of the program, so no setting can mend them.
fn wrong_policies(error: &LoadError) -> SettingsError {
    SettingsError(vec![WrongSetting {
        name: "default.cedar",
        reason: error.to_string(),
        solution: "Deploy a build whose tests have passed.".to_owned(),
    }])
}
