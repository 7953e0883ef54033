//! What people have reported of systems like this one: who asks, and who only seems to.

use simgithub::Comment;
use testkit::INVESTIGATE;

use crate::support::{ADA, REPOSITORY, World};

/// The bot's comments on one issue, once there is one.
async fn answer(world: &World, issue: u64) -> Comment {
    let look = || async {
        let mut comments = world.github().comments(REPOSITORY, issue).await?;
        comments.retain(|comment| comment.via_app);
        Ok(comments.pop())
    };
    let found = world.github().wait_for(crate::support::PATIENCE, look);
    found.await.unwrap()
}

/// Writes each text as a comment on an issue of its own, and in the end one that surely asks, which is answered
/// after all of them: gives the issues.
async fn written(world: &World, texts: &[&str]) -> Vec<u64> {
    let mut issues = Vec::new();
    for text in texts {
        let github = world.github();
        let issue = github.open_issue(REPOSITORY, ADA, "x", "x").await.unwrap();
        github.comment(REPOSITORY, issue, ADA, text).await.unwrap();
        issues.push(issue);
    }
    world.comment(ADA, "bot:investigate").await;
    world.bot_says("`investigate` is queued").await;
    issues
}

async fn nobody_answers(texts: &[&str]) {
    let world = World::start().await;
    for (issue, text) in written(&world, texts).await.into_iter().zip(texts) {
        let comments = world.github().comments(REPOSITORY, issue).await.unwrap();
        assert_eq!(comments.len(), 1, "{text:?} is answered: {comments:#?}");
    }
    assert_eq!(world.runs(INVESTIGATE).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_sees_on_the_page_asks_for_nothing() {
    nobody_answers(&[
        "Thanks!\n\n<!--\nbot:implement\n-->\n",
        "<!-- for a fix write\n\nbot:implement\n\nhere -->",
        "before <!-- bot:implement --> after",
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_quoted_or_shown_as_code_or_named_in_a_sentence_asks_for_nothing() {
    nobody_answers(&[
        "> bot:implement\n\nrather not",
        "> earlier somebody wrote\nbot:implement",
        "`bot:implement`",
        "````\n```\nbot:implement\n````",
        "    bot:implement",
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capital_letter_or_an_invisible_sign_leaves_nobody_without_an_answer() {
    let world = World::start().await;
    let texts = [
        "Bot:investigate",
        "BOT:INVESTIGATE",
        "bot:investigate\u{200b}",
        "bot:investigate \u{feff}",
        "bot:investigate\n\nOn Monday ada wrote:\n> hi",
    ];
    for issue in written(&world, &texts).await {
        answer(&world, issue).await;
    }
}
