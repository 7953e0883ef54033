//! Deploying again.

use anyhow::{Result, ensure};

use crate::{
    patience::{PATIENCE, eventually},
    people::{ADA, LATER_OWNER, OWNER},
    sam::STACK,
    stage::Stage,
};

/// A parameter that changes is seen by the functions.
pub(crate) async fn seen(stage: &Stage) -> Result<((), String)> {
    let people = &stage.people;
    let place = people.repository(LATER_OWNER, "gadgets").await?;
    let early = people.comment(&place, ADA, "bot:investigate").await?;
    let decided = format!("delivery {} is decided", early.guid);
    eventually("triage decides", PATIENCE, async || {
        stage.logged("triage", &decided).await
    })
    .await?;
    let early = people.bot_comments(&place).await?.len();
    ensure!(
        early == 0,
        "work was started for an owner who is not allowed"
    );

    let mut parameters = stage.parameters.clone();
    parameters.insert("AllowedOwners".to_owned(), format!("{OWNER},{LATER_OWNER}"));
    stage.sam.deploy(&parameters).await?;
    let outputs = stage.account.outputs(STACK).await?;
    ensure!(outputs == stage.outputs, "an address changed: {outputs:?}");
    people.comment(&place, ADA, "bot:investigate").await?;
    people
        .bot_says(&place, "`investigate` succeeded", PATIENCE)
        .await?;
    Ok((
        (),
        format!("{LATER_OWNER} is ignored before and served after; same addresses"),
    ))
}
