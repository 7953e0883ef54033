//! What people do in the demonstration.

use anyhow::{Context, Result};
use domain::{
    Connection, DefinitionName, InstallationId, Provider, Run, RunKey, RunSequence, SubjectId,
    SubjectKey,
};
use simgithub::{Permission, SimGitHub};
use tokio::sync::mpsc;

use crate::{demo_repository, progress_view::Milestone, stack::Stack};

const OWNER: &str = "octo-demo";
const NAME: &str = "widgets";
const REPOSITORY: &str = "octo-demo/widgets";
const PERSON: &str = "ada";
const TEXT: &str = "bot:implement";
/// How long the simulated GitHub is given to send a webhook.
const SENDING: std::time::Duration = std::time::Duration::from_secs(30);

/// What was done, and where it can be seen.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) issue_url: String,
    repository: u64,
    installation: u64,
    number: u64,
}

/// Makes the demonstration's repository with its issue, if they are not there yet, for a person to ask for the
/// work.
pub(crate) async fn furnish(sim: &SimGitHub) -> Result<()> {
    if !exists(sim).await? {
        create(sim).await?;
    }
    if sim.issues(REPOSITORY).await?.is_empty() {
        let (title, body) = (demo_repository::ISSUE_TITLE, demo_repository::ISSUE_BODY);
        sim.open_issue(REPOSITORY, PERSON, title, body).await?;
    }
    Ok(())
}

/// Makes the repository and the issue, and asks for the work as a person would.
pub(super) async fn play(
    stack: &Stack,
    milestones: &mpsc::UnboundedSender<Milestone>,
) -> Result<Scene> {
    let sim = stack.github()?;
    let link = |path: String| Ok::<_, anyhow::Error>(sim.base_url().join(&path)?.to_string());
    let repository = repository(sim).await?;
    let url = link(REPOSITORY.to_owned())?;
    milestones.send(Milestone::RepositoryCreated {
        name: REPOSITORY.to_owned(),
        url,
    })?;

    let (title, body) = (demo_repository::ISSUE_TITLE, demo_repository::ISSUE_BODY);
    let number = sim.open_issue(REPOSITORY, PERSON, title, body).await?;
    let issue_url = link(format!("{REPOSITORY}/issues/{number}"))?;
    let (title, url) = (title.to_owned(), issue_url.clone());
    milestones.send(Milestone::IssueOpened { number, title, url })?;

    let comment = sim.comment(REPOSITORY, number, PERSON, TEXT).await?;
    let (author, text) = (PERSON.to_owned(), TEXT.to_owned());
    let url = format!("{issue_url}#issuecomment-{comment}");
    milestones.send(Milestone::CommentWritten { author, text, url })?;
    milestones.send(verified(sim, comment).await?)?;
    let installation = sim.installation_id(REPOSITORY).await?;
    Ok(Scene {
        issue_url,
        repository,
        installation: installation.context("the app is installed")?,
        number,
    })
}

/// The number of the repository, which is made the first time.
async fn repository(sim: &SimGitHub) -> Result<u64> {
    if !exists(sim).await? {
        return create(sim).await;
    }
    let issues = sim.issues(REPOSITORY).await?;
    let issue = issues
        .first()
        .context("the repository of an earlier demonstration has no issue")?;
    Ok(issue.repository_id)
}

async fn exists(sim: &SimGitHub) -> Result<bool> {
    let all = sim.repositories().await?;
    Ok(all.iter().any(|name| name == REPOSITORY))
}

async fn create(sim: &SimGitHub) -> Result<u64> {
    sim.create_user(PERSON).await?;
    let id = sim
        .create_repository(OWNER, NAME, &demo_repository::files())
        .await?;
    sim.set_permission(REPOSITORY, PERSON, Permission::Write)
        .await?;
    Ok(id)
}

/// Waits for the answer to the webhook of a comment.
async fn verified(sim: &SimGitHub, comment: u64) -> Result<Milestone> {
    let needle = format!("\"id\":{comment}");
    let answered = sim.wait_for(SENDING, || async {
        let deliveries = sim.deliveries().await?;
        Ok(deliveries.into_iter().find(|delivery| {
            delivery.event == "issue_comment"
                && delivery.status_code.is_some()
                && delivery.payload.contains(&needle)
        }))
    });
    let delivery = answered.await.context("the webhook was not answered")?;
    Ok(Milestone::DeliveryVerified {
        delivery: delivery.guid,
        event: delivery.event,
        status_code: delivery.status_code.unwrap_or_default(),
        millis: delivery.duration_ms.unwrap_or_default(),
    })
}

/// Waits until the run of the scene has ended and its end has been told.
pub(super) async fn end_of_run(stack: &Stack, scene: &Scene) -> Result<Run> {
    let tenant = "ten_default".parse().context("the template's tenant")?;
    let installation = InstallationId::from(scene.installation);
    let connection = Connection::new(tenant, Provider::Github, installation);
    let id = SubjectId::new(scene.repository.into(), scene.number.into());
    let key = RunKey {
        subject: SubjectKey::new(connection.tenant().clone(), connection.id(), id),
        name: DefinitionName::literal("implement"),
        sequence: RunSequence::FIRST,
    };
    let store = stack.store()?;
    let mut reader = stack
        .endpoints()
        .stream_reader(stack.table()?, "demonstration");
    loop {
        if let Some(run) = store.run(&key).await?
            && run.finished().is_some()
            && run.head().due_at().is_none()
        {
            return Ok(run);
        }
        let batch = reader.next(1000).await?;
        reader.commit(&batch)?;
    }
}
