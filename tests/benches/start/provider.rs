//! A simulated GitHub with a repository and somebody who asks for work there.

use std::sync::Arc;

use anyhow::{Context, Result};
use domain::{Clock, SystemClock};
use jiff::SignedDuration;
use serde_json::Value;
use simgithub::{AppRegistration, Config, Permission, SimGitHub};
use tempfile::TempDir;

use crate::world::SECRET;

const REPOSITORY: &str = "octo-demo/widgets";
const ADA: &str = "ada-example";

/// GitHub and the people on it.
pub(crate) struct People {
    github: SimGitHub,
    api: String,
    _state: TempDir,
}

/// A comment that asks for work, as it is delivered.
#[derive(Debug)]
pub(crate) struct Comment {
    pub(crate) guid: String,
    pub(crate) payload: String,
}

impl People {
    /// A GitHub whose clock is behind by so much.
    pub(crate) async fn start(behind: SignedDuration) -> Result<Self> {
        let state = tempfile::tempdir()?;
        let key = simgithub::DEMONSTRATION_KEY_PEM;
        let app = AppRegistration::new(12_345, "Iv1.bench", "switchyard", key, SECRET.into());
        let clock = Arc::new(move || SystemClock.now() - behind);
        let listen = "127.0.0.1:0".parse()?;
        let mut config = Config::new(listen, state.path().to_owned(), clock, app);
        config.hourly_limit = u32::MAX;
        let github = SimGitHub::start(config).await?;
        github.create_user(ADA).await?;
        let files = [("README.md", "# Widgets\n")];
        let (owner, name) = REPOSITORY.split_once('/').context("a name")?;
        github.create_repository(owner, name, &files).await?;
        github
            .set_permission(REPOSITORY, ADA, Permission::Write)
            .await?;
        Ok(Self {
            api: github.api_url().to_string(),
            github,
            _state: state,
        })
    }

    /// Where the API is.
    pub(crate) fn api(&self) -> &str {
        &self.api
    }

    /// Asks for work on so many new issues. Nothing is sent: the deliveries are handed out here.
    pub(crate) async fn ask(&self, times: usize) -> Result<Vec<Comment>> {
        let mut asked = Vec::new();
        for _ in 0..times {
            let (title, body) = ("total() forgets the last widget", "It counts one too few.");
            let issue = self.github.open_issue(REPOSITORY, ADA, title, body).await?;
            let comment = self.github.comment(REPOSITORY, issue, ADA, "bot:implement");
            asked.push(comment.await?);
        }
        let deliveries = self.github.deliveries().await?;
        let of_comments = deliveries
            .into_iter()
            .filter(|delivery| delivery.event == "issue_comment");
        let mut found = Vec::new();
        for delivery in of_comments {
            let payload: Value = serde_json::from_str(&delivery.payload)?;
            if payload["comment"]["id"]
                .as_u64()
                .is_some_and(|id| asked.contains(&id))
            {
                found.push(Comment {
                    guid: delivery.guid,
                    payload: delivery.payload,
                });
            }
        }
        anyhow::ensure!(found.len() == times, "a delivery is missing");
        Ok(found)
    }
}
