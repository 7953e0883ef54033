//! The end of the stack.

use anyhow::{Result, ensure};
use aws_sdk_cloudformation::error::ProvideErrorMetadata as _;

use crate::{
    sam::{ARTEFACTS, STACK},
    stage::Stage,
    worker::Worker,
};

/// A daemon that is asked to end does.
pub(crate) async fn daemon(mut worker: Worker) -> Result<((), String)> {
    let status = worker.end().await?;
    ensure!(status.success(), "it ended with {status}");
    Ok(((), "exit code 0 after SIGTERM".to_owned()))
}

/// Deleting the stack leaves nothing.
pub(crate) async fn stack(stage: &Stage) -> Result<((), String)> {
    let (account, clients) = (&stage.account, &stage.account.clients);
    // CloudFormation deletes no bucket that holds something.
    let bucket = stage.output("BodiesBucketName")?;
    for key in account.objects(bucket).await? {
        let delete = clients.s3().delete_object().bucket(bucket).key(key);
        delete.send().await?;
    }
    stage.iam().restore().await?;
    stage.sam.delete().await?;
    let gone = account
        .stacks
        .describe_stacks()
        .stack_name(STACK)
        .send()
        .await;
    match gone {
        Ok(answer) => {
            let left = answer.stacks.unwrap_or_default();
            let deleted = |status: &str| status == "DELETE_COMPLETE";
            let deleted = left.iter().all(|one| {
                one.stack_status()
                    .is_some_and(|status| deleted(status.as_str()))
            });
            ensure!(deleted, "the stack is still there: {left:?}");
        }
        Err(error) => ensure!(error.code() == Some("ValidationError"), "{error:?}"),
    }
    let left = left(stage).await?;
    ensure!(left.is_empty(), "something is left: {left:?}");
    let answer = stage.caller.get(&stage.webhook).await?.status;
    ensure!(
        answer.is_client_error(),
        "the webhook's URL answers {answer}"
    );
    let api = stage.caller.get(&stage.api.join("health")?).await?.status;
    ensure!(api.is_client_error(), "the HTTP API answers {api}");
    let how = format!(
        "of {} resources no table, queue, bucket, log group or role is left; the URL answers {}, the API {}",
        stage.resources.len(),
        answer.as_u16(),
        api.as_u16()
    );
    Ok(((), how))
}

/// What the services still list, but for the bucket that the code went through.
async fn left(stage: &Stage) -> Result<Vec<String>> {
    let clients = &stage.account.clients;
    let mut left = Vec::new();
    let tables = clients.dynamodb().list_tables().send().await?;
    left.extend(tables.table_names.unwrap_or_default());
    let queues = clients.sqs().list_queues().send().await?;
    left.extend(queues.queue_urls.unwrap_or_default());
    let buckets = clients.s3().list_buckets().send().await?;
    let buckets = buckets.buckets.unwrap_or_default().into_iter();
    left.extend(
        buckets
            .filter_map(|one| one.name)
            .filter(|name| name != ARTEFACTS),
    );
    let groups = stage.account.logs.describe_log_groups().send().await?;
    let groups = groups.log_groups.unwrap_or_default().into_iter();
    left.extend(groups.filter_map(|one| one.log_group_name));
    left.extend(stage.iam().names(STACK).await?);
    Ok(left)
}
