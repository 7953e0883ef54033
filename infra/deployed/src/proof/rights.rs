//! What the roles may not do.

use anyhow::{Result, ensure};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;

use crate::{
    account::Account,
    iam::{DAEMON, READERS},
    stage::Stage,
};

/// Every role is refused what it is not given. That each is given enough is proved by the main job.
pub(crate) async fn limited(stage: &Stage) -> Result<((), String)> {
    let (table, jobs) = (stage.output("TableName")?, stage.output("JobsQueueUrl")?);
    let mut refused = 0;
    for role in READERS.into_iter().chain([DAEMON]) {
        let credentials = stage.iam().take_on(role).await?;
        let credentials = SharedCredentialsProvider::new(credentials);
        let account = Account::with(&stage.emulator, credentials)?;
        let scan = account.clients.dynamodb().scan().table_name(table);
        denied(role, "dynamodb:Scan", scan.send().await)?;
        refused += 1;
        let receive = account.clients.sqs().receive_message().queue_url(jobs);
        let received = receive.send().await;
        if role == DAEMON {
            received?;
        } else {
            denied(role, "sqs:ReceiveMessage of jobs", received)?;
            refused += 1;
        }
    }
    let how =
        format!("{refused} calls beyond the rights of 6 roles are refused, one within is not");
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
