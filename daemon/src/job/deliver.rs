//! Pushing a change and proposing it.

use std::time::Duration;

use contract::worker::GitAccess;
use domain::{Failure, FailureKind, PullRequest, RunBranches, Stage};
use egress::{GitHubError, GitHubWithToken, NewPull, PullError, Readiness};
use tokio::time::sleep;
use tracing::Instrument as _;

use super::{Halt, Job, part, token::Token};
use crate::{
    git::{self, Base, Push, PushError, Sealed, Taken, Verdict},
    proposal::{Checks, Proposal, Remarks},
};

/// The longest a provider's rate limit is waited for.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

impl Job<'_> {
    /// Pushes the change and opens a pull request for it.
    pub(super) async fn deliver(
        &self,
        base: &Base,
        taken: &Taken,
        proposal: &Proposal<'_>,
        checks: Checks,
    ) -> Result<PullRequest, Halt> {
        let (branch, credential) = self
            .push(base, &taken.sealed)
            .instrument(part("push"))
            .await?;
        let remarks = Remarks {
            checks,
            left_out: &taken.left_out,
            readiness: Readiness::Draft,
        };
        let opened = self
            .open(base, &branch, proposal, remarks, &credential)
            .instrument(part("open pull request"))
            .await;
        self.revoke(credential).await;
        opened
    }

    /// Pushes to one of the run's branches. Gives back which, and the credential, which is good for the pull request too.
    pub(super) async fn push(&self, base: &Base, sealed: &Sealed) -> Result<(String, Token), Halt> {
        self.news
            .stage(Stage::Pushing, &format!("Pushing {}", self.payload.branch));
        self.lease.confirm().await?;
        let (git, source, bot) = (self.git()?, self.source(), self.bot());
        let token = self
            .token(GitAccess::Write, FailureKind::PushRejected)
            .await?;
        let fresh = sealed.open(&git, base).await.map_err(|error| {
            tracing::error!(%error, "the change cannot be opened again");
            FailureKind::Internal
        })?;
        let push = Push {
            source: &source,
            base,
            commit: &sealed.commit,
            branches: &RunBranches::of(&self.payload.branch),
            run: self.payload.run,
            bot: bot.login(),
        };
        let pushed = self
            .retrying(|| git::push(&git, &fresh, push, token.secret()))
            .await;
        match pushed {
            Ok(branch) => {
                let commit = sealed.commit.as_str();
                tracing::info!(
                    git.branch = branch,
                    git.commit = commit,
                    "the branch is pushed"
                );
                Ok((branch, token))
            }
            Err(error) => {
                tracing::warn!(%error, "the branch could not be pushed");
                self.revoke(token).await;
                Err(unpushed(&error).into())
            }
        }
    }

    async fn open(
        &self,
        base: &Base,
        branch: &str,
        proposal: &Proposal<'_>,
        mut remarks: Remarks<'_>,
        token: &Token,
    ) -> Result<PullRequest, Halt> {
        self.news
            .stage(Stage::Opening, "Opening a draft pull request");
        self.lease.confirm().await?;
        let github = self.github(token);
        let mut into = base.branch.clone();
        loop {
            let pull = NewPull {
                title: proposal.title().to_owned(),
                body: proposal.body(self.daemon.harness.name(), remarks),
                head: branch.to_owned(),
                base: into.clone(),
                readiness: remarks.readiness,
            };
            let error = match self.retrying(|| self.propose(&github, &pull)).await {
                Ok(opened) => {
                    tracing::info!(pull.number = %opened.number, "the pull request is open");
                    return Ok(opened);
                }
                Err(error) => error,
            };
            tracing::warn!(%error, "the pull request could not be opened so");
            let refused = |kind: FailureKind| Failure::from(kind).kept_on(branch);
            match (&error, remarks.readiness) {
                (PullError::NoDrafts, Readiness::Draft) => remarks.readiness = Readiness::Ordinary,
                (PullError::BaseUnknown, _) => {
                    into = self
                        .renamed(&github, &into)
                        .await
                        .ok_or_else(|| refused(FailureKind::BaseGone))?;
                }
                _ => return Err(refused(FailureKind::PullRequestRefused).into()),
            }
        }
    }

    /// The default branch as it is called now; none if that is not another name than `before`.
    async fn renamed(&self, github: &GitHubWithToken, before: &str) -> Option<String> {
        let asked = self.retrying(|| github.repository(&self.payload.repository));
        let now = asked.await.ok()?.default_branch;
        (now != before).then_some(now)
    }

    async fn propose(
        &self,
        github: &GitHubWithToken,
        pull: &NewPull,
    ) -> Result<PullRequest, PullError> {
        let repository = &self.payload.repository;
        let proposed = match github.find_pull_by_head(repository, &pull.head).await {
            Ok(Some(open)) => Ok(open),
            Ok(None) => github.create_pull(repository, pull).await,
            Err(error) => Err(error.into()),
        };
        // The branch is pushed already: a pause is better than throwing the work away.
        if let Err(PullError::GitHub(GitHubError::RateLimited { until })) = &proposed {
            let left = until.duration_since(self.daemon.clock.now());
            sleep(
                Duration::try_from(left)
                    .unwrap_or_default()
                    .min(LONGEST_PAUSE),
            )
            .await;
        }
        proposed
    }
}

/// What a push that failed means for the job.
fn unpushed(error: &PushError) -> Failure {
    let kind = match error {
        PushError::Branch(_) => FailureKind::PushRejected,
        PushError::Taken => FailureKind::BranchTaken,
        PushError::Changed(branch) => {
            return Failure::from(FailureKind::BranchChanged).about([branch]);
        }
        PushError::Git(_) => match error.verdict() {
            Verdict::Archived => FailureKind::RepositoryArchived,
            Verdict::Moved => FailureKind::BranchChanged,
            Verdict::InTheWay => FailureKind::BranchTaken,
            Verdict::Rules => FailureKind::BranchRules,
            Verdict::Forbidden(files) => {
                return Failure::from(FailureKind::ProtectedFiles).about(files);
            }
            Verdict::TooLarge(files) => {
                let limit = files.iter().map(|file| format!("{file} (at most 100 MB)"));
                return Failure::from(FailureKind::FilesTooLarge).about(limit);
            }
            Verdict::Credentials(places) => {
                return Failure::from(FailureKind::CredentialsFound).about(places);
            }
            Verdict::NoRoom => FailureKind::Internal,
            Verdict::Passing | Verdict::NotYet | Verdict::Unknown | Verdict::Other => {
                FailureKind::PushRejected
            }
        },
    };
    kind.into()
}
