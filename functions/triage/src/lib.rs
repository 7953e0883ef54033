//! Records a delivery once, decides what it means and starts the run.
//!
//! Triggered by the deliveries queue, with partial batch responses: a message whose handling fails comes
//! again by itself, and the others of its batch do not.

use app::{AppError, ConnectError, GitHubSettings, TokenKeys, Triage, TriageParts, Triaged};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use blobs::Blobs;
use contract::DeliveryMessage;
use domain::{Connections, Delivery, OwnerList, SharedClock, SharedRandom};
use kit::{Clients, Settings, SettingsError};
use queues::Queue;
use store::Store;

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
    Ok(Triage::new(TriageParts {
        store: Store::new(aws.dynamodb(), table, random.clone()),
        jobs: Queue::new(aws.sqs(), jobs),
        tokens,
        blobs: Blobs::new(aws.s3(), bucket),
        github: app::github(github, clock.clone()).map_err(|error| wrong_key(&error))?,
        connections,
        clock,
        random,
    }))
}

/// Handles one batch of the deliveries queue.
pub async fn handle(triage: &Triage, event: SqsEvent) -> SqsBatchResponse {
    kit::handle_batch(event, |message| handle_message(triage, message)).await
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

async fn handle_message(triage: &Triage, message: SqsMessage) -> Result<(), MessageError> {
    let message: DeliveryMessage = serde_json::from_str(&message.body.unwrap_or_default())?;
    match triage.handle_delivery(&message).await? {
        Triaged::Decided(delivery) => log(&delivery, "decided"),
        Triaged::Duplicate(delivery) => log(&delivery, "a duplicate"),
        Triaged::Irrelevant => tracing::info!(
            delivery.id = %message.delivery,
            trace.id = %message.trace,
            "delivery {} asks for nothing",
            message.delivery,
        ),
    }
    Ok(())
}

fn log(delivery: &Delivery, what: &str) {
    let steps: Vec<String> = delivery
        .steps
        .iter()
        .map(|step| format!("{}: {}", step.step, step.detail))
        .collect();
    tracing::info!(
        delivery.id = %delivery.key.id,
        tenant.id = %delivery.tenant,
        trace.id = %delivery.trace,
        steps = steps.join("; "),
        "delivery {} is {what}",
        delivery.key.id,
    );
}

fn wrong_key(error: &ConnectError) -> SettingsError {
    let solution = "Give the app's RSA key in PEM form, as GitHub made it.";
    SettingsError::one("GITHUB_APP_PRIVATE_KEY", &error.to_string(), solution)
}
