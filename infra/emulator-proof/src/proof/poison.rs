//! Messages that nobody can read.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use aws_sdk_sqs::types::QueueAttributeName::{RedrivePolicy, VisibilityTimeout};
use serde_json::Value;

use crate::{patience::eventually, stage::Stage};

const TEXT: &str = "no delivery";
/// For how many seconds a message is hidden after each try.
const SOON: &str = "1";
const LIMIT: Duration = Duration::from_mins(1);

/// What `triage` cannot read is put aside after the tries that the template allows.
pub(crate) async fn put_aside(stage: &Stage) -> Result<((), String)> {
    let dead = stage.output("DeliveriesDeadLetterQueueUrl")?;
    let queue = stage.output("DeliveriesQueueUrl")?;
    let sqs = stage.account.clients.sqs();
    let (hidden, allowed) = as_deployed(stage).await?;
    hide_for(stage, SOON).await?;
    let sent = sqs.send_message().queue_url(queue).message_body(TEXT);
    sent.send().await?;
    let aside = eventually("it is put aside", LIMIT, async || {
        Ok((stage.account.messages(dead).await?.0 == 1).then_some(()))
    })
    .await;
    hide_for(stage, &hidden).await?;
    aside?;
    let kept = sqs.receive_message().queue_url(dead).send().await?;
    let kept = kept.messages.unwrap_or_default().pop();
    let body = kept.as_ref().and_then(|one| one.body.as_deref());
    ensure!(body == Some(TEXT), "the dead letter says {body:?}");
    let log = stage.log("triage").await?;
    let unreadable = |line: &&String| line.contains("the message cannot be read");
    let tries = log.iter().filter(unreadable).count();
    ensure!(tries == allowed, "{tries} tries, and {allowed} are allowed");
    let how = format!("put aside after {tries} tries (hidden for {SOON} s each, not {hidden})");
    Ok(((), how))
}

/// For how many seconds the template hides a message that was received, and how often it may be received.
async fn as_deployed(stage: &Stage) -> Result<(String, usize)> {
    let sqs = stage.account.clients.sqs();
    let answer = sqs
        .get_queue_attributes()
        .queue_url(stage.output("DeliveriesQueueUrl")?)
        .attribute_names(VisibilityTimeout)
        .attribute_names(RedrivePolicy)
        .send()
        .await?;
    let attributes = answer.attributes.unwrap_or_default();
    let hidden = attributes
        .get(&VisibilityTimeout)
        .context("no visibility")?;
    let policy = attributes
        .get(&RedrivePolicy)
        .context("no redrive policy")?;
    let policy: Value = serde_json::from_str(policy)?;
    let allowed = match &policy["maxReceiveCount"] {
        Value::String(text) => text.parse()?,
        number => number.as_u64().context("no count")?,
    };
    Ok((hidden.clone(), usize::try_from(allowed)?))
}

/// Changes for how long a received message is hidden: nobody waits a quarter of an hour for a proof.
async fn hide_for(stage: &Stage, seconds: &str) -> Result<()> {
    let queue = stage.output("DeliveriesQueueUrl")?;
    let sqs = stage.account.clients.sqs();
    let change = sqs.set_queue_attributes().queue_url(queue);
    let change = change.attributes(VisibilityTimeout, seconds);
    change.send().await?;
    Ok(())
}
