//! Counting what has come to its end, as GitHub shows it.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use simgithub::SimGitHub;
use tokio::time::{Instant, sleep};

use crate::{LOOK_AGAIN, PATIENCE};

/// The issues whose one comment says that the work succeeded.
#[derive(Debug, Default)]
pub(crate) struct Tally(BTreeSet<(String, u64)>);

impl Tally {
    /// How many have ended.
    pub(crate) fn ended(&self) -> usize {
        self.0.len()
    }

    /// Waits until `wanted` of the issues have ended well; fails when none does for too long.
    pub(crate) async fn reaches(
        &mut self,
        github: &SimGitHub,
        issues: &[(String, u64)],
        wanted: usize,
    ) -> Result<()> {
        let mut last = Instant::now();
        while self.ended() < wanted {
            let before = self.ended();
            for issue in issues {
                if !self.0.contains(issue) && succeeded(github, issue).await? {
                    self.0.insert(issue.clone());
                }
            }
            if self.ended() > before {
                last = Instant::now();
            } else if last.elapsed() > PATIENCE {
                bail!("{} of {wanted} jobs ended, and no more do", self.ended());
            }
            sleep(LOOK_AGAIN).await;
        }
        Ok(())
    }

    /// How many comments, pull requests and branches there are beyond one for each job.
    pub(crate) async fn doubled(
        &self,
        github: &SimGitHub,
        issues: &[(String, u64)],
    ) -> Result<usize> {
        let mut extra = 0;
        for (repository, issue) in issues {
            let all = github.comments(repository, *issue).await?;
            extra += all
                .iter()
                .filter(|one| one.via_app)
                .count()
                .saturating_sub(1);
        }
        let repositories: BTreeSet<&String> = issues.iter().map(|(name, _)| name).collect();
        for repository in repositories {
            let asked = issues.iter().filter(|(name, _)| name == repository).count();
            let pulls = github.pulls(repository).await?.len();
            let branches = github.branches(repository).await?.len() - 1;
            extra += pulls.saturating_sub(asked) + branches.saturating_sub(asked);
        }
        Ok(extra)
    }
}

async fn succeeded(github: &SimGitHub, (repository, issue): &(String, u64)) -> Result<bool> {
    let all = github.comments(repository, *issue).await?;
    Ok(all
        .iter()
        .any(|one| one.via_app && one.body.contains("`implement` succeeded")))
}
