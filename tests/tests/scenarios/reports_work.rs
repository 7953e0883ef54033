//! What people have reported of systems like this one: work that was lost on the way.

use domain::RunState;
use simgithub::{Fault, FaultRule};
use testkit::IMPLEMENT;

use crate::{
    support::{ADA, HONEST_AGENT, PATIENCE, REPOSITORY, World},
    worker_machine::Machine,
};

/// An agent that does git's part by itself, and badly.
const COMMITS: &str = "cat > /dev/null; git checkout -q -b mine; echo fixed > fixed.txt; git add -A; \
    git -c user.name=a -c user.email=a@example.org commit -q -m mine; rm -rf .git";

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_commits_and_removes_the_history_has_its_change_taken() {
    let world = World::start().await;
    let _daemon = world.daemon(COMMITS);
    world.comment(ADA, "bot:implement").await;
    world
        .ends(IMPLEMENT, RunState::Succeeded, "`implement` succeeded")
        .await;
    world.one_pull().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reactions_that_are_forbidden_keep_nobody_from_work() {
    let world = World::start().await;
    let rule = FaultRule::new("*/reactions", u32::MAX, Fault::Status(403)).method("POST");
    world.github().faults().add(rule);
    let _daemon = world.daemon(HONEST_AGENT);
    world.comment(ADA, "bot:implement").await;
    world
        .ends(IMPLEMENT, RunState::Succeeded, "`implement` succeeded")
        .await;
    world.one_pull().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_on_the_bots_own_pull_request_is_answered() {
    let world = World::start().await;
    let _daemon = world.daemon(HONEST_AGENT);
    world.comment(ADA, "bot:implement").await;
    world
        .ends(IMPLEMENT, RunState::Succeeded, "`implement` succeeded")
        .await;
    let pull = world.one_pull().await.number;
    world
        .github()
        .comment(REPOSITORY, pull, ADA, "bot:investigate")
        .await
        .unwrap();
    let look = || async {
        let mut comments = world.github().comments(REPOSITORY, pull).await?;
        comments.retain(|one| one.via_app && one.body.contains("`investigate` succeeded"));
        Ok(comments.pop())
    };
    let said = world.github().wait_for(PATIENCE, look).await.unwrap();
    assert!(said.body.contains("It is in"), "{}", said.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enterprise_server_given_by_its_api_alone_is_cloned_from() {
    let machine = Machine::new().await;
    // The address for clones is not said; a token of this server must not be sent to another one.
    let _up = machine.up(Some(HONEST_AGENT)).await;
    machine.ask().await;
    machine.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn work_is_not_lost_where_clones_come_from_another_address_than_pages() {
    let machine = Machine::new().await;
    let mut git = machine.github.git_url().clone();
    git.set_host(Some("localhost")).unwrap();
    assert_ne!(&git, machine.github.git_url());
    let settings = [("GITHUB_GIT_URL", git.as_str())];
    let _up = machine.up_with(Some(HONEST_AGENT), &settings).await;
    machine.ask().await;
    machine.ends_well().await;
}
