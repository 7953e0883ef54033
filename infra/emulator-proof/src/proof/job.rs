//! The main job: from a comment to a draft pull request.

use anyhow::{Result, ensure};
use domain::{DefinitionName, Run, RunState};
use simgithub::Delivery;

use crate::{
    patience::{PATIENCE, eventually},
    people::{ADA, COMMAND, Place},
    stage::Stage,
    worker::Worker,
};

/// GitHub's webhook about a comment is taken and queued.
pub(crate) async fn asked(stage: &Stage, place: &Place) -> Result<(Delivery, String)> {
    let delivery = stage.people.comment(place, ADA, "bot:implement").await?;
    let status = delivery.status_code.unwrap_or_default();
    ensure!(status == 202, "the webhook is answered {status}");
    let queued = format!("delivery {} queued", delivery.guid);
    eventually("webhook queues it", PATIENCE, async || {
        stage.logged("webhook", &queued).await
    })
    .await?;
    let how = format!(
        "`bot:implement` is answered {status} in {} ms",
        delivery.duration_ms.unwrap_or_default()
    );
    Ok((delivery, how))
}

/// The queue's event source calls `triage`, which starts a run.
pub(crate) async fn decided(stage: &Stage, place: &Place) -> Result<(Run, String)> {
    let run = run(stage, place, DefinitionName::literal("implement"), |_| true).await?;
    let how = format!("run {} is in the table", run.id());
    Ok((run, how))
}

/// A job waits in the queue.
pub(crate) async fn queued(stage: &Stage) -> Result<((), String)> {
    let queue = stage.output("JobsQueueUrl")?;
    eventually("a job waits", PATIENCE, async || {
        Ok((stage.account.messages(queue).await? == (1, 0)).then_some(()))
    })
    .await?;
    Ok(((), "one message waits while there is no daemon".to_owned()))
}

/// The table's stream calls `relay`, which tells.
pub(crate) async fn announced(stage: &Stage, place: &Place) -> Result<((), String)> {
    let people = &stage.people;
    let comment = people.bot_says(place, "is queued", PATIENCE).await?;
    let how = format!(
        "comment {} says `queued` before any daemon runs",
        comment.id
    );
    Ok(((), how))
}

/// A daemon takes the job from the queue and claims it by the URL of `worker`.
pub(crate) async fn claimed(stage: &Stage, place: &Place) -> Result<(Worker, String)> {
    let mut worker = stage.workers.start(&COMMAND)?;
    let taken = run(stage, place, DefinitionName::literal("implement"), |run| {
        run.state() != RunState::Queued
    });
    tokio::select! {
        taken = taken => drop(taken?),
        ended = worker.wait() => anyhow::bail!("the daemon ended: {}", ended?),
    }
    let how = "a daemon process with the stack's own role claims it".to_owned();
    Ok((worker, how))
}

/// The daemon pushes and opens a draft.
pub(crate) async fn proposed(stage: &Stage, place: &Place) -> Result<(u64, String)> {
    let github = &stage.people.github;
    let look = || async { Ok(github.pulls(&place.repository).await?.into_iter().next()) };
    let pull = github.wait_for(PATIENCE, look).await?;
    let change = pull.pull.as_ref();
    ensure!(change.is_some_and(|change| change.draft), "it is no draft");
    let head = change.map(|change| change.head.clone()).unwrap_or_default();
    Ok((pull.number, format!("draft #{} from {head}", pull.number)))
}

/// The tracking comment is final, and the queue is empty.
pub(crate) async fn told(stage: &Stage, place: &Place) -> Result<((), String)> {
    let people = &stage.people;
    people
        .bot_says(place, "`implement` succeeded", PATIENCE)
        .await?;
    let comments = people.bot_comments(place).await?.len();
    ensure!(comments == 1, "there are {comments} comments");
    let queue = stage.output("JobsQueueUrl")?;
    eventually("the job's message is gone", PATIENCE, async || {
        Ok((stage.account.messages(queue).await? == (0, 0)).then_some(()))
    })
    .await?;
    Ok((
        (),
        "the one comment says `succeeded`; no message is left".to_owned(),
    ))
}

/// Waits for the newest run of a definition that is as wanted.
pub(crate) async fn run(
    stage: &Stage,
    place: &Place,
    name: DefinitionName,
    wanted: impl Fn(&Run) -> bool,
) -> Result<Run> {
    let (store, subject) = (stage.store()?, place.subject()?);
    eventually("the run is as wanted", PATIENCE, async || {
        let runs = store.newest_runs(&subject, name, 1).await?;
        Ok(runs.into_iter().next().filter(|run| wanted(run)))
    })
    .await
}
