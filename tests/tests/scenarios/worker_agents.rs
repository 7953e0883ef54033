//! Agents that do not do what they should, and one that is stopped.

use std::fs;

use domain::{FailureKind, RunState};
use local::Daemon;
use testkit::{IMPLEMENT, INVESTIGATE};

use crate::{
    support::{ADA, HONEST_AGENT, REPOSITORY, World},
    worker_support::{Gate, numbers, runs, until},
};

/// A world in which a job has failed, with its daemon, which ends first.
struct Failed {
    daemon: Daemon,
    world: World,
}

/// Has `script` do a job and waits for it to fail for this reason.
async fn fails(script: &str, settings: &[(&str, &str)], kind: FailureKind) -> Failed {
    let world = World::start().await;
    let daemon = world.daemon_with(script, settings);
    world.comment(ADA, "bot:implement").await;
    let said = world.ends(IMPLEMENT, RunState::Failed, kind.reason()).await;
    assert!(said.contains(kind.solution()), "{said}");
    world.nothing_came_of_it().await;
    world.jobs_queue_holds(0).await;
    Failed { daemon, world }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_ends_with_an_error() {
    let script = "echo 'the private words of a program' | tee /dev/stderr; exit 3";
    let failed = fails(script, &[], FailureKind::AgentFailed).await;
    let said = failed.world.bot_says("failed").await;
    assert!(!said.contains("private words"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_broken_agent_left_is_kept_on_a_branch() {
    let world = World::start().await;
    let _daemon = world.daemon("echo x > fixed.txt; exit 3");
    world.comment(ADA, "bot:implement").await;
    let reason = FailureKind::AgentFailed.reason();
    world.ends(IMPLEMENT, RunState::Failed, reason).await;
    let github = world.github();
    assert!(github.pulls(REPOSITORY).await.unwrap().is_empty());
    assert_eq!(github.branches(REPOSITORY).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_hangs() {
    let gate = Gate::new();
    let script = gate.before(HONEST_AGENT).replace("cd .", "trap '' TERM");
    let limit = [("SWITCHYARD_AGENT_SECONDS", "1")];
    let _failed = fails(&script, &limit, FailureKind::AgentTimedOut).await;
    assert!(!runs(gate.agents()[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_prints_without_end() {
    let script = "line=$(head -c 8000 /dev/zero | tr '\\0' x); exec yes \"$line\"";
    let failed = fails(script, &[], FailureKind::AgentFlooded).await;
    let status =
        fs::read_to_string(format!("/proc/{}/status", failed.daemon.id().unwrap())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak: u64 = peak
        .unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap();
    assert!(peak < 128 * 1024, "the daemon grew to {peak} KiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_prints_one_line_without_end() {
    fails(
        "exec tr '\\0' x < /dev/zero",
        &[],
        FailureKind::AgentFlooded,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_leaves_children_behind() {
    let (world, gate) = (World::start().await, Gate::new());
    let child = gate.path("child");
    let script = format!(
        "(cd /; setsid env -i /bin/sh -c 'echo $$ > {0}.new; mv {0}.new {0}; exec sleep 1000' \
         > /dev/null 2>&1 &)\nwhile ! [ -e {0} ]; do sleep 0.02; done\n{HONEST_AGENT}",
        child.display()
    );
    let _daemon = world.daemon(&script);
    world.comment(ADA, "bot:implement").await;
    world
        .ends(IMPLEMENT, RunState::Succeeded, "`implement` succeeded")
        .await;
    world.one_pull().await;
    let left = numbers(&child)[0];
    assert!(!runs(left), "the agent's child lives on");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_changes_nothing() {
    fails("cat > /dev/null", &[], FailureKind::NoChange).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_touches_what_it_may_not() {
    let script = "mkdir -p .github/workflows; echo 'on: push' > .github/workflows/own.yml";
    fails(script, &[], FailureKind::ProtectedFiles).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_finds_nothing() {
    let world = World::start().await;
    let _daemon = world.daemon("cat > /dev/null");
    world.comment(ADA, "bot:investigate").await;
    let reason = FailureKind::NoFindings.reason();
    world.ends(INVESTIGATE, RunState::Failed, reason).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_is_not_there() {
    let missing = [("SWITCHYARD_COMMAND", "[\"no-such-program\"]")];
    fails("", &missing, FailureKind::AgentMissing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_is_stopped_by_a_person() {
    let (world, gate) = (World::start().await, Gate::new());
    let _daemon = world.daemon(&gate.agent());
    world.comment(ADA, "bot:implement").await;
    let agent = gate.reached().await;
    world.comment(ADA, "bot:stop").await;
    world
        .ends(IMPLEMENT, RunState::Cancelled, "`implement` was stopped")
        .await;
    assert!(!runs(agent));
    world.nothing_came_of_it().await;
    assert_eq!(world.requests("POST", "/git-receive-pack"), 0);
    world.jobs_queue_holds(0).await;
    let jobs = world.stack.work_dir();
    until("the job's folder is gone", || folders_of_jobs(&jobs) == 0).await;
}

fn folders_of_jobs(work: &std::path::Path) -> usize {
    let inside = |path: std::path::PathBuf| fs::read_dir(path).into_iter().flatten().flatten();
    let daemons = inside(work.to_owned()).map(|entry| entry.path());
    daemons
        .flat_map(inside)
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("run_"))
        .count()
}
