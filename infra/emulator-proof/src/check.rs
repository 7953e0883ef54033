//! The order of the proofs.

use anyhow::Result;

use crate::{
    board::Board,
    people::{OWNER, Place},
    proof::{again, api, change, doors, job, lost, poison, removal, rights, schedule},
    stage::Stage,
    worker::Worker,
};

/// Whether a lease is waited out too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lease {
    /// No: the proofs are over with the schedule's first tick.
    Left,
    /// Yes, until a daemon that was killed has been replaced.
    WaitedOut,
}

/// The main job. What is left is a daemon that waits for more.
pub(crate) async fn main_job(
    stage: &Stage,
    board: &mut Board<'_>,
) -> Result<(Worker, Place, simgithub::Delivery)> {
    board
        .prove("function URL -> worker", doors::worker(stage))
        .await?;
    board.prove("HTTP API -> api", api::answers(stage)).await?;
    let ping = doors::webhook(stage);
    board
        .prove("GitHub -> function URL -> webhook", ping)
        .await?;
    let place = stage.people.repository(OWNER, "widgets").await?;
    let asked = job::asked(stage, &place);
    let delivery = board.prove("webhook -> deliveries queue", asked).await?;
    let decided = job::decided(stage, &place);
    board
        .prove("deliveries queue -> triage -> table", decided)
        .await?;
    board
        .prove("triage -> jobs queue", job::queued(stage))
        .await?;
    let announced = job::announced(stage, &place);
    board
        .prove("table stream -> relay -> GitHub", announced)
        .await?;
    board
        .prove("daemon's role -> no claim", rights::no_claim(stage))
        .await?;
    let claimed = job::claimed(stage, &place);
    let worker = board
        .prove("jobs queue -> daemon -> worker", claimed)
        .await?;
    let proposed = job::proposed(stage, &place);
    board.prove("daemon -> GitHub", proposed).await?;
    let told = job::told(stage, &place);
    board
        .prove("worker -> table -> relay -> GitHub", told)
        .await?;
    Ok((worker, place, delivery))
}

/// Everything else that a stack that is up can prove. What is left is a daemon, and
/// the issue of the main job.
pub(crate) async fn everything(
    stage: &Stage,
    board: &mut Board<'_>,
    lease: Lease,
) -> Result<(Worker, Place)> {
    let (mut worker, place, delivery) = main_job(stage, board).await?;
    let unsigned = doors::unsigned(stage, &delivery);
    board.prove("a wrong signature", unsigned).await?;
    let duplicate = again::duplicate(stage, &place, &delivery);
    board.prove("a delivery sent twice", duplicate).await?;
    let other = stage
        .people
        .issue(&place, "Another one", "Please mend it.")
        .await?;
    let refused = again::refused(stage, &other);
    board.prove("a person without rights", refused).await?;
    let large = again::large(stage, &place);
    board.prove("webhook -> bucket -> triage", large).await?;
    let aside = poison::put_aside(stage);
    board
        .prove("deliveries queue -> dead letters", aside)
        .await?;
    board
        .prove("roles: least privilege", rights::limited(stage))
        .await?;
    board.prove("sam deploy again", change::seen(stage)).await?;
    board
        .prove("schedule -> scheduler", schedule::ticked(stage))
        .await?;
    if lease == Lease::WaitedOut {
        let replaced = lost::finished_by_another(stage, worker);
        worker = Box::pin(board.prove("a daemon killed in mid-job", replaced)).await?;
    }
    Ok((worker, place))
}

/// The end of everything.
pub(crate) async fn end(stage: &Stage, board: &mut Board<'_>, worker: Worker) -> Result<()> {
    board
        .prove("daemon: end on request", removal::daemon(worker))
        .await?;
    stage.save_logs().await?;
    board.prove("sam delete", removal::stack(stage)).await
}
