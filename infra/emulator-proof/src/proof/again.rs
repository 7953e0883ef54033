//! What must not start work, and what comes by way of the bucket.

use std::time::Duration;

use anyhow::{Result, ensure};
use domain::DefinitionName;
use simgithub::Delivery;

use crate::{
    patience::{PATIENCE, eventually},
    people::{ADA, Place, RON},
    stage::Stage,
};

/// How long a line of a function may take to be seen.
const A_LINE: Duration = Duration::from_secs(10);

/// A delivery that GitHub sends again starts nothing.
pub(crate) async fn duplicate(
    stage: &Stage,
    place: &Place,
    first: &Delivery,
) -> Result<((), String)> {
    let known = format!("delivery {} is a duplicate", first.guid);
    eventually("triage knows it", PATIENCE, async || {
        send_again(stage, first).await?;
        // The emulator keeps a line that comes late for the next call, so each look makes one.
        let line = eventually("a line of triage", A_LINE, async || {
            stage.logged("triage", &known).await
        });
        Ok(line.await.ok())
    })
    .await?;
    let (store, subject) = (stage.store()?, place.subject()?);
    let runs = store
        .newest_runs(&subject, DefinitionName::literal("implement"), 10)
        .await?
        .len();
    let pulls = stage.people.github.pulls(&place.repository).await?.len();
    ensure!(
        (runs, pulls) == (1, 1),
        "{runs} runs, {pulls} pull requests"
    );
    Ok((
        (),
        "taken, recognised; still one run, one pull request".to_owned(),
    ))
}

async fn send_again(stage: &Stage, first: &Delivery) -> Result<()> {
    let id = stage.people.github.redeliver(&first.guid).await?;
    let answer = stage.people.answered(|one| one.id == id).await?;
    ensure!(answer.status_code == Some(202), "{:?}", answer.status_code);
    Ok(())
}

/// Who may not write to the repository gets an answer instead of a run.
pub(crate) async fn refused(stage: &Stage, place: &Place) -> Result<((), String)> {
    let people = &stage.people;
    people.comment(place, RON, "bot:implement").await?;
    let said = people
        .bot_says(place, "Only people who may write", PATIENCE)
        .await?;
    let (store, subject) = (stage.store()?, place.subject()?);
    let runs = store
        .newest_runs(&subject, DefinitionName::literal("implement"), 1)
        .await?
        .len();
    ensure!(runs == 0, "a run was started");
    Ok(((), format!("no run, and comment {} says so", said.id)))
}

/// A body that is too large for a message goes by way of the bucket.
pub(crate) async fn large(stage: &Stage, place: &Place) -> Result<((), String)> {
    let bucket = stage.output("BodiesBucketName")?;
    let before = stage.account.objects(bucket).await?.len();
    let people = &stage.people;
    let long = people.issue(place, "Long", &text("It is broken:")).await?;
    people.comment(&long, ADA, &text("bot:investigate")).await?;
    people
        .bot_says(&long, "`investigate` succeeded", PATIENCE)
        .await?;
    let kept = stage.account.objects(bucket).await?.len() - before;
    ensure!(kept > 0, "no body was kept in the bucket");
    Ok((
        (),
        format!("{kept} in the bucket; the job it asked for succeeded"),
    ))
}

/// Text of as many characters as GitHub takes, which compression hardly shortens.
fn text(first_line: &str) -> String {
    let mut state = 1_u32;
    let mut text = format!("{first_line}\n");
    for _ in text.chars().count()..65_536 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        text.push(char::from_u32(0x4e00 + (state >> 8) % 20_000).unwrap_or('-'));
    }
    text
}
