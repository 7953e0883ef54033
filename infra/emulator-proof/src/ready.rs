//! Where to look, once the stack stays up.

use anyhow::Result;

use crate::{
    emulator::{OWNER, REGION},
    people::Place,
    stage::Stage,
};

/// What a person needs to go on.
pub(crate) fn text(stage: &Stage, place: &Place) -> Result<String> {
    let github = stage.people.github.base_url();
    let issue = github.join(&format!("{}/issues/{}", place.repository, place.number))?;
    let aws = stage.emulator.url.as_str().trim_end_matches('/');
    let authority = &stage.emulator.certificate.authority_file;
    let table = stage.output("TableName")?;
    let (front, api) = (&stage.front.url, &stage.api);
    let logs = stage.state.join("log");
    Ok(format!(
        "
 Deployed. Here is where to look:

   GitHub       {github}
   issue        {issue}
   webhook      {front}webhooks/github
   health       {front}health
   API          {api}
   logs         {logs}
   try          comment `bot:investigate` on the issue

 Any program for AWS can look into the account, for instance:

   export AWS_ENDPOINT_URL={aws} AWS_CA_BUNDLE={authority}
   export AWS_ACCESS_KEY_ID={OWNER} AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION={REGION}
   aws dynamodb scan --table-name {table}
   aws logs tail {triage}

 Ctrl-C takes everything down; nothing is kept.
",
        logs = logs.display(),
        triage = stage.log_group("triage")?,
    ))
}
