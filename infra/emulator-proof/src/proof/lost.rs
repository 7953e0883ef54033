//! A daemon that is lost in mid-job.

use std::time::Duration;

use anyhow::{Result, ensure};
use domain::{DefinitionName, RunState};

use super::job;
use crate::{
    people::{ADA, COMMAND, OWNER},
    stage::Stage,
    worker::Worker,
};

/// For how many seconds a daemon waits for a message.
const WAIT: i32 = 20;
/// A lease, and time to work in.
const LIMIT: Duration = Duration::from_mins(5);

/// Another daemon finishes what one that was killed had begun.
pub(crate) async fn finished_by_another(
    stage: &Stage,
    mut idle: Worker,
) -> Result<(Worker, String)> {
    let status = idle.end().await?;
    ensure!(
        status.success(),
        "asked to end, the daemon ended with {status}"
    );
    // The emulator does not notice that whoever waited for a message is gone, and would give it away. A wait that
    // began later ends later.
    let receive = stage.account.clients.sqs().receive_message();
    let receive = receive.queue_url(stage.output("JobsQueueUrl")?);
    receive.wait_time_seconds(WAIT).send().await?;

    let people = &stage.people;
    let place = people.repository(OWNER, "sprockets").await?;
    let mut lost = stage.workers.start(&["sh", "-c", "exec sleep 3600"])?;
    people.comment(&place, ADA, "bot:implement").await?;
    let running = |run: &domain::Run| run.state() == RunState::Running;
    job::run(stage, &place, DefinitionName::literal("implement"), running).await?;
    lost.kill().await?;
    let next = stage.workers.start(&COMMAND)?;
    people
        .bot_says(&place, "`implement` succeeded", LIMIT)
        .await?;
    let pulls = people.github.pulls(&place.repository).await?.len();
    ensure!(pulls == 1, "there are {pulls} pull requests");
    Ok((
        next,
        "killed while its agent worked; another finished, one pull request".to_owned(),
    ))
}
