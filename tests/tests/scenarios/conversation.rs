//! What people see when everything works, and when they ask for what cannot be.

use domain::RunState;
use testkit::IMPLEMENT;

use crate::support::{ADA, HONEST_AGENT, REPOSITORY, RON, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_becomes_a_draft_pull_request() {
    let world = World::start().await;
    let asked = world.comment(ADA, "Please!\n\nbot:implement").await;
    world.bot_says("`implement` is queued").await;
    let _daemon = world.daemon(HONEST_AGENT);

    let said = world.bot_says("`implement` succeeded").await;
    let pull = &world.github().pulls(REPOSITORY).await.unwrap()[0];
    assert!(
        said.contains(&format!("Pull request: #{}", pull.number)),
        "{said}"
    );
    let details = pull.pull.as_ref().unwrap();
    assert!(details.draft && details.base == "main", "{details:?}");
    assert!(pull.via_app, "the bot opens it");
    let file = world
        .github()
        .file_at(REPOSITORY, &details.head, "fixed.txt")
        .await
        .unwrap();
    assert_eq!(file.as_deref(), Some(b"fixed\n".as_slice()));

    let run = world
        .run_is(IMPLEMENT, 1, |run| {
            run.is_told() && run.head().due_at().is_none()
        })
        .await;
    assert_eq!(
        (run.state(), run.head().due_at()),
        (RunState::Succeeded, None)
    );
    let reactions = world.github().reactions(asked).await.unwrap();
    let contents: Vec<_> = reactions
        .iter()
        .map(|reaction| reaction.content.as_str())
        .collect();
    assert_eq!(contents, ["eyes", "rocket"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_investigation_answers_in_the_comment_and_changes_nothing() {
    let world = World::start().await;
    let _daemon = world.daemon(HONEST_AGENT);
    world.comment(ADA, "bot:investigate").await;
    let said = world.bot_says("`investigate` succeeded").await;
    assert!(said.contains("It is in `a.txt`."), "{said}");
    assert!(world.github().pulls(REPOSITORY).await.unwrap().is_empty());
    assert_eq!(world.github().branches(REPOSITORY).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_asks_too() {
    let world = World::start().await;
    let _daemon = world.daemon(HONEST_AGENT);
    world
        .github()
        .add_label(REPOSITORY, world.issue, ADA, "bot:investigate")
        .await
        .unwrap();
    world.bot_says("`investigate` succeeded").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_write_is_told_so_and_nothing_runs() {
    let world = World::start().await;
    let asked = world.comment(RON, "bot:implement").await;
    let said = world.bot_says("Only people who may write").await;
    assert!(!said.contains("run_"), "{said}");
    assert!(world.runs(IMPLEMENT).await.is_empty());
    let guid = world.guid_of_comment(asked).await;
    let steps = world.decided(&guid).await.steps;
    assert!(
        steps
            .iter()
            .any(|step| step.detail.contains("may not write")),
        "{steps:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_request_waits_its_turn() {
    let world = World::start().await;
    world.comment(ADA, "bot:implement").await;
    world.bot_says("`implement` is queued").await;
    world.comment(ADA, "bot:implement").await;
    let comments = world.bot_comments(|all| all.len() == 2).await;
    assert!(
        comments[1].body.contains("already at work here"),
        "{}",
        comments[1].body
    );
    assert_eq!(world.runs(IMPLEMENT).await.len(), 1);

    // Another definition on the same issue is another matter, and so is the same one once the first has ended.
    let _daemon = world.daemon(HONEST_AGENT);
    world
        .run_is(IMPLEMENT, 1, |run| run.finished().is_some())
        .await;
    world.comment(ADA, "bot:implement").await;
    world
        .run_is(IMPLEMENT, 2, |run| run.state() == RunState::Succeeded)
        .await;
    assert_eq!(world.github().pulls(REPOSITORY).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_can_be_stopped_before_and_while_it_is_done() {
    let world = World::start().await;
    world.comment(ADA, "bot:implement").await;
    world.bot_says("`implement` is queued").await;
    world.comment(ADA, "bot:stop").await;
    world.bot_says("`implement` was stopped").await;

    world.comment(ADA, "bot:stop").await;
    let comments = world.bot_comments(|all| all.len() == 2).await;
    assert!(
        comments[1].body.contains("nothing to stop"),
        "{}",
        comments[1].body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_talk_and_bots_start_nothing() {
    let world = World::start().await;
    let idle = world
        .comment(ADA, "Somebody should write bot:implement here.")
        .await;
    let guid = world.guid_of_comment(idle).await;
    let decided = world.decided(&guid).await;
    assert_eq!(decided.verdict, domain::Verdict::Ignored);
    let bot = "switchyard[bot]";
    let own = world
        .github()
        .comment(REPOSITORY, world.issue, bot, "bot:implement")
        .await
        .unwrap();
    let guid = world.guid_of_comment(own).await;
    assert_eq!(world.decided(&guid).await.verdict, domain::Verdict::Ignored);
    assert!(world.runs(IMPLEMENT).await.is_empty());
}
