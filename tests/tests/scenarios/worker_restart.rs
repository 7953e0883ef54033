//! The local stack, killed with -9 at any moment and started again.

use crate::{
    support::HONEST_AGENT,
    worker_machine::{Machine, kill},
    worker_support::{Gate, runs, until},
};

const PERMISSION: &str = "/api/v3/repos/octo-demo/widgets/collaborators/*";
const COMMENT: &str = "/api/v3/repos/octo-demo/widgets/issues/comments/*";
const COMMENTS: &str = "/api/v3/repos/octo-demo/widgets/issues/1/comments";

#[tokio::test(flavor = "multi_thread")]
async fn killed_right_after_it_took_the_request() {
    let machine = Machine::new().await;
    let up = machine.up(Some(HONEST_AGENT)).await;
    // Whoever asks may not be looked up, so triage cannot get any further.
    machine.hang("GET", PERMISSION);
    machine.ask().await;
    kill(up).await;
    let stack = machine.up_again().await;
    let _daemon = Machine::daemon(&stack, HONEST_AGENT);
    machine.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_of_triage() {
    let machine = Machine::new().await;
    let up = machine.up(Some(HONEST_AGENT)).await;
    machine.hang("GET", PERMISSION);
    machine.ask().await;
    machine.hangs().await;
    kill(up).await;
    let stack = machine.up_again().await;
    let _daemon = Machine::daemon(&stack, HONEST_AGENT);
    machine.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_anybody_was_told() {
    let machine = Machine::new().await;
    let up = machine.up(None).await;
    machine.hang("POST", COMMENTS);
    machine.ask().await;
    machine.hangs().await;
    kill(up).await;
    let stack = machine.up_again().await;
    machine.bot_says("`implement` is queued").await;
    let _daemon = Machine::daemon(&stack, HONEST_AGENT);
    machine.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_the_job_waits() {
    let machine = Machine::new().await;
    let up = machine.up(None).await;
    machine.ask().await;
    machine.bot_says("`implement` is queued").await;
    // Were it killed before the comment is noted, nobody else would post for a minute.
    until("the comment is noted", || {
        let log = machine.file("log/local.jsonl");
        log.contains("the tracking comment was written")
    })
    .await;
    kill(up).await;
    // Nothing has to be waited for, so the same program does on the machine's own clock.
    let _up = machine.up(Some(HONEST_AGENT)).await;
    machine.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_an_agent_works() {
    let (machine, gate) = (Machine::new().await, Gate::new());
    let up = machine.up(Some(&gate.agent())).await;
    machine.ask().await;
    let agent = gate.reached().await;
    machine.bot_says("`implement` is at work").await;
    kill(up).await;
    until(
        "the agent ends with its daemon, and that with the stack",
        || !runs(agent),
    )
    .await;
    let stack = machine.up_again().await;
    let again = Gate::new();
    let _daemon = Machine::daemon(&stack, &again.agent());
    again.reached().await;
    machine
        .bot_says("Attempt 2: the worker before was lost.")
        .await;
    again.open();
    machine.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_push_and_pull_request() {
    let machine = Machine::new().await;
    let up = machine.up(Some(HONEST_AGENT)).await;
    machine.hang("POST", crate::worker_support::PULLS);
    machine.ask().await;
    machine.hangs().await;
    kill(up).await;
    let stack = machine.up_again().await;
    let _daemon = Machine::daemon(&stack, HONEST_AGENT);
    machine.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_the_end_and_its_telling() {
    let (machine, gate) = (Machine::new().await, Gate::new());
    let up = machine.up(Some(&gate.agent())).await;
    machine.ask().await;
    gate.reached().await;
    machine.bot_says("`implement` is at work").await;
    machine.hang("PATCH", COMMENT);
    gate.open();
    until("the job has ended", || {
        machine
            .file("log/daemon.jsonl")
            .contains("the job has ended")
    })
    .await;
    machine.hangs().await;
    kill(up).await;
    machine.bot_says("`implement` is at work").await;
    // No daemon is needed any more, and no look at what is due.
    let _stack = machine.up_again().await;
    machine.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again() {
    let (machine, gate) = (Machine::new().await, Gate::new());
    let up = machine.up(None).await;
    machine.ask().await;
    machine.bot_says("`implement` is queued").await;
    kill(up).await;
    kill(machine.up(None).await).await;
    let up = machine.up(Some(&gate.agent())).await;
    gate.reached().await;
    kill(up).await;
    machine.up_again().await.shutdown().await;
    let stack = machine.up_again().await;
    let _daemon = Machine::daemon(&stack, HONEST_AGENT);
    machine.ends_well().await;
}
