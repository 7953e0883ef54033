//! What the roles may not do.

use anyhow::{Context as _, Result, ensure};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use http::{
    HeaderMap, Method, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use serde_json::{Value, json};

use crate::{
    account::Account,
    iam::{API, DAEMON, READERS},
    stage::{SETTINGS, Stage},
};

/// Every role is refused what it is not given. That each is given enough is proved by the main job.
pub(crate) async fn limited(stage: &Stage) -> Result<((), String)> {
    let (table, jobs) = (stage.output("TableName")?, stage.output("JobsQueueUrl")?);
    let mut refused = 0;
    for role in READERS.into_iter().chain([API, DAEMON]) {
        let credentials = stage.iam().take_on(role).await?;
        let credentials = SharedCredentialsProvider::new(credentials);
        let account = Account::with(&stage.emulator, credentials)?;
        let scan = account.clients.dynamodb().scan().table_name(table);
        denied(role, "dynamodb:Scan", scan.send().await)?;
        refused += 1;
        let receive = account.clients.sqs().receive_message().queue_url(jobs);
        let received = receive.send().await;
        if role == API {
            let key = format!("{SETTINGS}/SWITCHYARD_DAEMON_KEY");
            let read = account.clients.ssm().get_parameters().names(key);
            denied(role, "ssm:GetParameters", read.send().await)?;
            refused += 1;
        }
        if role == DAEMON {
            received?;
        } else {
            denied(role, "sqs:ReceiveMessage of jobs", received)?;
            refused += 1;
        }
    }
    let how =
        format!("{refused} calls beyond the rights of 7 roles are refused, one within is not");
    Ok(((), how))
}

/// What an agent can get with the daemon's role, which it might borrow: the job's message, and with it nothing. The key
/// that a claim is proven with is not among what the role may read.
pub(crate) async fn no_claim(stage: &Stage) -> Result<((), String)> {
    let credentials = stage.iam().take_on(DAEMON).await?;
    let account = Account::with(&stage.emulator, SharedCredentialsProvider::new(credentials))?;
    let key = format!("{SETTINGS}/SWITCHYARD_DAEMON_KEY");
    let read = account.clients.ssm().get_parameters().names(key);
    denied(DAEMON, "ssm:GetParameters", read.send().await)?;
    let (jobs, sqs) = (stage.output("JobsQueueUrl")?, account.clients.sqs());
    // The daemon that comes next finds the message in sight.
    let receive = sqs.receive_message().queue_url(jobs).visibility_timeout(0);
    let received = receive.wait_time_seconds(5).send().await?.messages;
    let received = received.unwrap_or_default().pop().context("no job waits")?;
    let message: Value = serde_json::from_str(received.body().unwrap_or_default())?;
    let of = |name: &str| message[name].as_str().with_context(|| format!("no {name}"));
    let headers = HeaderMap::from_iter([
        (AUTHORIZATION, format!("Bearer {}", of("token")?).parse()?),
        (CONTENT_TYPE, "application/json".parse()?),
    ]);
    let body = json!({ "daemon": "an-agent" }).to_string().into_bytes();
    let path = format!("worker/v1/jobs/{}/claim", of("job")?);
    let url = stage.front.url.join(&path)?;
    let claim = stage.caller.send(Method::POST, &url, headers, body);
    let answer = claim.await?;
    let problem: Value = serde_json::from_slice(&answer.body)?;
    ensure!(
        answer.status == StatusCode::UNAUTHORIZED && problem["code"] == "daemon-unproven",
        "it is answered {}: {problem}",
        answer.status
    );
    let how = "what it can read is answered 401 daemon-unproven".to_owned();
    Ok(((), how))
}

fn denied<T, E: ProvideErrorMetadata>(
    role: &str,
    action: &str,
    answer: Result<T, E>,
) -> Result<()> {
    let code = answer
        .err()
        .and_then(|error| error.code().map(str::to_owned));
    let refused = code
        .as_deref()
        .is_some_and(|code| code.starts_with("AccessDenied"));
    ensure!(refused, "{role}, {action}: {code:?}");
    Ok(())
}
