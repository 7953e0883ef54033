//! The events of `worker`: a claim and heartbeats, to ours and to those that do the same.

use anyhow::{Context, Result};
use aws_sdk_dynamodb::types::AttributeValue;
use contract::{Claim, ClaimProof, JobMessage, worker::ClaimRequest};
use data_encoding::HEXLOWER;
use domain::{Clock, DaemonId, JobId, SystemClock, SystemRandom};
use ring::hmac;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::world::{DAEMON_KEY, TABLE, TOKEN_KEY, World};

const CLAIM: &str = include_str!("../../../events/worker-claim-function-url.json");
const DAEMON: &str = "bench";

/// A daemon's claim of this job.
pub(crate) fn of(job: &JobMessage) -> Result<String> {
    let daemon: DaemonId = DAEMON.parse().context("a daemon")?;
    let (token, now) = (job.token.expose_secret(), SystemClock.now());
    let claim = Claim {
        job: job.job,
        token,
        daemon: &daemon,
    };
    let proof = ClaimProof::new(&DAEMON_KEY.into(), claim, now);
    let body = ClaimRequest {
        daemon,
        proof: Some(proof),
    };
    call(
        &job.job.to_string(),
        "claim",
        token,
        &serde_json::to_value(body)?,
    )
}

/// A claim of a job that is one item at a key of its own, as a simple program would keep it, with the request that a
/// claim hands out. Puts that item.
pub(crate) async fn of_simple_job(world: &World) -> Result<String> {
    let job = JobId::mint(SystemClock.now(), &SystemRandom).to_string();
    let request =
        json!({ "title": "total() forgets the last widget", "body": "It counts one too few." });
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let put = world.aws.dynamodb().put_item().table_name(TABLE);
    put.item("pk", text(&format!("JOB#{job}")))
        .item("sk", text("JOB"))
        .item("state", text("queued"))
        .item("version", AttributeValue::N("1".to_owned()))
        .item("request", text(&request.to_string()))
        .send()
        .await?;
    let body = json!({ "daemon": DAEMON });
    call(&job, "claim", &sign(&job, "claim"), &body)
}

/// A heartbeat for what was claimed.
pub(crate) fn heartbeat(claim: &str, answer: &str) -> Result<String> {
    let claim: Value = serde_json::from_str(claim)?;
    let path = claim["rawPath"].as_str().context("a path")?;
    let job = path.split('/').nth(4).context("a job")?;
    let answer: Value = serde_json::from_str(answer)?;
    let body: Value = serde_json::from_str(answer["body"].as_str().context("a body")?)?;
    let token = body["lease"]["token"].as_str().context("a token")?;
    call(job, "heartbeat", token, &json!({}))
}

/// The token of a simple program: a code over the job and what it is for.
fn sign(job: &str, purpose: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, TOKEN_KEY.as_bytes());
    let code = hmac::sign(&key, format!("{job}.{purpose}").as_bytes());
    HEXLOWER.encode(code.as_ref())
}

fn call(job: &str, call: &str, token: &str, body: &Value) -> Result<String> {
    let mut event: Value = serde_json::from_str(CLAIM)?;
    let path = format!("/worker/v1/jobs/{job}/{call}");
    event["rawPath"] = path.as_str().into();
    event["requestContext"]["http"]["path"] = path.into();
    event["headers"]["authorization"] = format!("Bearer {token}").into();
    event["body"] = body.to_string().into();
    Ok(event.to_string())
}
