//! What people have reported of systems like this one: git and GitHub that are not as one thinks.

use domain::RunState;
use simgithub::{Propagation, Setting};
use testkit::{IMPLEMENT, INVESTIGATE};

use crate::support::{ADA, HONEST_AGENT, REPOSITORY, World};

/// Asks for a change, and gives the comment when it has come out like this.
async fn comes_out(world: &World, agent: &str, state: RunState, text: &str) -> String {
    let _daemon = world.daemon(agent);
    world.comment(ADA, "bot:implement").await;
    world.ends(IMPLEMENT, state, text).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_github_made_a_moment_ago_and_does_not_know_yet_loses_no_work() {
    let world = World::start().await;
    world.github().set_propagation(Propagation::mild());
    comes_out(
        &world,
        HONEST_AGENT,
        RunState::Succeeded,
        "`implement` succeeded",
    )
    .await;
    world.one_pull().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_drafts_are_possible_the_change_is_proposed_without() {
    let world = World::start().await;
    let sim = world.github();
    sim.turn_off(REPOSITORY, Setting::Drafts).await.unwrap();
    comes_out(
        &world,
        HONEST_AGENT,
        RunState::Succeeded,
        "`implement` succeeded",
    )
    .await;
    let pulls = sim.pulls(REPOSITORY).await.unwrap();
    assert_eq!(pulls.len(), 1, "{pulls:#?}");
    assert!(!pulls[0].pull.as_ref().unwrap().draft);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_no_agent_may_touch_is_named_to_who_asked() {
    let world = World::start().await;
    let agent = "cat > /dev/null; mkdir -p .github/workflows; \
                 echo 'on: push' > .github/workflows/ci.yml; echo fixed > fixed.txt";
    let file = ".github/workflows/ci.yml";
    comes_out(&world, agent, RunState::Incomplete, file).await;
    // What may be proposed is, without it.
    let pull = world.one_pull().await;
    let head = &pull.pull.unwrap().head;
    let there = |name| world.github().file_at(REPOSITORY, head, name);
    assert_eq!(there(file).await.unwrap(), None);
    assert!(there("fixed.txt").await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn files_whose_line_ends_differ_from_the_attributes_stay_as_they_are() {
    let world = World::start().await;
    let sim = world.github();
    let ends = [("notes.txt", "one\r\ntwo\r\n"), ("run.bat", "one\r\n")];
    sim.push(REPOSITORY, "main", ADA, "one", &ends)
        .await
        .unwrap();
    let attributes = [(".gitattributes", "*.txt text\n*.bat text eol=crlf\n")];
    sim.push(REPOSITORY, "main", ADA, "two", &attributes)
        .await
        .unwrap();
    comes_out(
        &world,
        HONEST_AGENT,
        RunState::Succeeded,
        "`implement` succeeded",
    )
    .await;
    let pull = world.one_pull().await;
    let head = &pull.pull.unwrap().head;
    for (name, content) in ends {
        let file = sim.file_at(REPOSITORY, head, name).await.unwrap();
        assert_eq!(file.as_deref(), Some(content.as_bytes()), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn findings_that_are_cut_within_code_leave_our_own_words_outside_of_it() {
    let world = World::start().await;
    let agent = "cat > /dev/null; (echo Log:; echo; echo '```'; yes 'a line of a long log' | \
                 head -n 4000; echo '```') > \"$SWITCHYARD_OUTPUT/findings.md\"";
    let _daemon = world.daemon(agent);
    world.comment(ADA, "bot:investigate").await;
    let said = world
        .ends(INVESTIGATE, RunState::Succeeded, "`investigate` succeeded")
        .await;
    let fences = said.lines().filter(|line| line.trim().starts_with("```"));
    assert_eq!(fences.count() % 2, 0, "{}", &said[said.len() - 500..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_never_came_is_asked_for() {
    let world = World::start().await;
    let sim = world.github();
    // A port where nobody listens.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let away = format!("http://{}/", nobody.local_addr().unwrap());
    drop(nobody);
    sim.set_webhook_url(Some(away.parse().unwrap()));
    let comment = world.comment(ADA, "bot:implement").await;
    let guid = world.guid_of_comment(comment).await;
    let failed = || async {
        let all = sim.deliveries().await?;
        Ok(all
            .into_iter()
            .find(|one| one.guid == guid && one.status.is_some()))
    };
    let failed = sim
        .wait_for(crate::support::PATIENCE, failed)
        .await
        .unwrap();
    assert_eq!(failed.status_code, Some(502));
    let hook = world.stack.url().join("webhooks/github").unwrap();
    sim.set_webhook_url(Some(hook));
    world.advance(jiff::SignedDuration::from_mins(11));
    world.stack.tick().await.unwrap();
    world.bot_says("`implement` is queued").await;
    assert_eq!(world.runs(IMPLEMENT).await.len(), 1);
}
