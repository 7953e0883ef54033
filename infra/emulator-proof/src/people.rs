//! The simulated GitHub, and what people do there.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    time::Duration,
};

use anyhow::{Context as _, Result};
use domain::{Connection, InstallationId, Provider, SharedClock, SubjectId, SubjectKey};
use secrecy::SecretString;
use simgithub::{AppRegistration, Comment, Delivery, Permission, SimGitHub};

use crate::patience::PATIENCE;

/// The owner that the stack may work for from the beginning.
pub(crate) const OWNER: &str = "octo-demo";
/// The owner that it may work for after it was deployed again.
pub(crate) const LATER_OWNER: &str = "octo-later";
/// Who may write to every repository.
pub(crate) const ADA: &str = "ada";
/// Who may only read.
pub(crate) const RON: &str = "ron";
/// The app's id. Any number would do.
pub(crate) const APP_ID: u64 = 1_000_001;
/// How the repository's script is started as an agent.
pub(crate) const COMMAND: [&str; 2] = ["python3", "agent/agent.py"];
const APP: &str = "switchyard";

/// An issue, or a place for comments.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) repository: String,
    pub(crate) repository_id: u64,
    pub(crate) installation: u64,
    pub(crate) number: u64,
}

impl Place {
    /// The place as the table names it.
    pub(crate) fn subject(&self) -> Result<SubjectKey> {
        let tenant = "ten_default".parse().context("the template's tenant")?;
        let installation = InstallationId::from(self.installation);
        let connection = Connection::new(tenant, Provider::Github, installation);
        let id = SubjectId::new(self.repository_id.into(), self.number.into());
        Ok(SubjectKey::new(
            connection.tenant().clone(),
            connection.id(),
            id,
        ))
    }
}

/// GitHub, and those who use it.
#[derive(Debug)]
pub(crate) struct People {
    pub(crate) github: SimGitHub,
    /// What every repository begins with: paths and texts.
    files: Vec<(String, String)>,
}

impl People {
    /// A GitHub without repositories.
    pub(crate) async fn start(
        port: u16,
        state: &Path,
        clock: SharedClock,
        secret: SecretString,
        repository: &Path,
    ) -> Result<Self> {
        let key = simgithub::DEMONSTRATION_KEY_PEM;
        let app = AppRegistration::new(APP_ID, "Iv1.deployed", APP, key, secret);
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let now = std::sync::Arc::new(move || clock.now());
        let config = simgithub::Config::new(listen, state.join("github"), now, app);
        let github = SimGitHub::start(config).await?;
        for person in [ADA, RON] {
            github.create_user(person).await?;
        }
        let mut files = Vec::new();
        read(repository, repository, &mut files)?;
        Ok(Self { github, files })
    }

    /// Makes a repository with the demonstration's files and an issue in it.
    pub(crate) async fn repository(&self, owner: &str, name: &str) -> Result<Place> {
        let files = self.files.iter();
        let files: Vec<_> = files
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .collect();
        let created = self.github.create_repository(owner, name, &files);
        let repository_id = created.await?;
        let repository = format!("{owner}/{name}");
        for (person, permission) in [(ADA, Permission::Write), (RON, Permission::Read)] {
            self.github
                .set_permission(&repository, person, permission)
                .await?;
        }
        let installation = self.github.installation_id(&repository).await?;
        let title = "Ten widgets are sold without the discount";
        let opened = self
            .github
            .open_issue(&repository, ADA, title, "See the tests.");
        Ok(Place {
            number: opened.await?,
            repository,
            repository_id,
            installation: installation.context("the app is installed")?,
        })
    }

    /// Opens another issue in the same repository.
    pub(crate) async fn issue(&self, beside: &Place, title: &str, text: &str) -> Result<Place> {
        let opened = self.github.open_issue(&beside.repository, ADA, title, text);
        Ok(Place {
            number: opened.await?,
            ..beside.clone()
        })
    }

    /// Writes a comment and waits until its webhook is answered.
    pub(crate) async fn comment(&self, on: &Place, person: &str, text: &str) -> Result<Delivery> {
        let id = self.github.comment(&on.repository, on.number, person, text);
        let needle = format!("\"id\":{}", id.await?);
        self.answered(|delivery| {
            delivery.event == "issue_comment" && delivery.payload.contains(&needle)
        })
        .await
        .context("the webhook was not answered")
    }

    /// Waits for the answer to a webhook.
    pub(crate) async fn answered(&self, which: impl Fn(&Delivery) -> bool) -> Result<Delivery> {
        let look = || async {
            let all = self.github.deliveries().await?;
            let mut answered = all.into_iter().filter(|one| one.status_code.is_some());
            Ok(answered.find(|one| which(one)))
        };
        Ok(self.github.wait_for(PATIENCE, look).await?)
    }

    /// What the bot has written there.
    pub(crate) async fn bot_comments(&self, on: &Place) -> Result<Vec<Comment>> {
        let mut comments = self.github.comments(&on.repository, on.number).await?;
        comments.retain(|comment| comment.via_app);
        Ok(comments)
    }

    /// Waits until the bot's only comment there holds `text`.
    pub(crate) async fn bot_says(
        &self,
        on: &Place,
        text: &str,
        limit: Duration,
    ) -> Result<Comment> {
        let look = || async {
            let comments = self.github.comments(&on.repository, on.number).await?;
            let mut said = comments.into_iter().filter(|one| one.via_app);
            Ok(said.find(|one| one.body.contains(text)))
        };
        match self.github.wait_for(limit, look).await {
            Ok(comment) => Ok(comment),
            Err(error) => {
                let said = self.bot_comments(on).await?;
                let said: Vec<_> = said.into_iter().map(|one| one.body).collect();
                let nothing = format!("the bot did not say {text:?} but {said:?}");
                Err(anyhow::Error::from(error).context(nothing))
            }
        }
    }
}

/// Reads every file below `folder`, with its path from `root`.
fn read(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) -> Result<()> {
    let entries = fs::read_dir(folder)
        .with_context(|| format!("the demonstration's files in {}", root.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            read(root, &path, files)?;
        } else {
            let name = path.strip_prefix(root)?.display().to_string();
            files.push((name, fs::read_to_string(&path)?));
        }
    }
    Ok(())
}
