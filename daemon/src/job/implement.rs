//! Changing the code and proposing the change.

use std::time::Duration;

use domain::{Deliverable, FailureKind, Outcome, PullRequest, Stage};
use egress::{GitHubError, GitHubWithToken, NewPull};
use secrecy::SecretString;
use tokio::time::sleep;
use tracing::Instrument as _;

use super::{Halt, Job, Report, agent::AgentEnd, part};
use crate::{
    artefacts,
    git::{self, Base, ChangeError, PushError, Sealed, Signature},
    proposal::{Checks, Proposal},
};

/// The longest a provider's rate limit is waited for.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

impl Job<'_> {
    /// Clones, lets the agent work, takes and checks what it changed, pushes it and opens a draft.
    pub(super) async fn implement(&self) -> Result<Report, Halt> {
        let base = self.clone().instrument(part("clone")).await?;
        let account = match self.agent().await? {
            AgentEnd::Finished(account) => account,
            AgentEnd::Broken { failure, .. } => return Err(failure.into()),
        };
        let summary = artefacts::summary(self.workspace).or(account.words);
        let proposal = Proposal::new(self.payload, summary.as_deref());
        // The change is taken before the checks run, so that nothing they leave behind gets into it.
        let sealed = self
            .take(&base, &proposal)
            .instrument(part("check change"))
            .await?;
        let checks = self.checks().instrument(part("run checks")).await?;
        let token = self.push(&base, &sealed).instrument(part("push")).await?;
        let pull = self
            .open(&base, &proposal, checks, token)
            .instrument(part("open pull request"))
            .await?;
        let deliverable = Deliverable::PullRequest(pull);
        if checks == Checks::Failed {
            let failure = FailureKind::ChecksFailed.into();
            return Ok(Report {
                outcome: Outcome::Incomplete {
                    failure,
                    deliverable,
                },
                findings: None,
            });
        }
        Ok(Report::succeeded(deliverable))
    }

    async fn take(&self, base: &Base, proposal: &Proposal<'_>) -> Result<Sealed, Halt> {
        self.news
            .stage(Stage::Checking, "The change is looked through");
        let signature = Signature {
            login: self.payload.bot.to_string(),
            at: self.daemon.clock.now(),
            message: proposal.message(),
        };
        let mut secrets = self.daemon.secrets.clone();
        secrets.push(self.lease.token().clone());
        let checkout = self.workspace.checkout();
        let taken = git::take(&self.git()?, base, &checkout, &signature, &secrets).await;
        taken.map_err(|error| match error {
            ChangeError::Nothing => FailureKind::NoChange.into(),
            ChangeError::Refused(reasons) => {
                let reasons: Vec<String> =
                    reasons.iter().take(20).map(ToString::to_string).collect();
                tracing::warn!(reasons = reasons.join("; "), "the change is refused");
                FailureKind::ChangeRefused.into()
            }
            ChangeError::Git(error) => {
                // The files or the base are not as git needs them, and only the agent can have done that.
                tracing::warn!(%error, "the change cannot be taken");
                FailureKind::ChangeRefused.into()
            }
        })
    }

    // Gives back the credential, which is good for the pull request too.
    async fn push(&self, base: &Base, sealed: &Sealed) -> Result<SecretString, Halt> {
        self.news
            .stage(Stage::Pushing, &format!("Pushing {}", self.payload.branch));
        self.lease.confirm().await?;
        let (git, source) = (self.git()?, self.source());
        let token = self.token(FailureKind::PushRejected).await?;
        let fresh = sealed.open(&git, base).await.map_err(|error| {
            tracing::error!(%error, "the change cannot be opened again");
            FailureKind::Internal
        })?;
        let what = (sealed.commit.as_str(), self.payload.branch.as_str());
        let pushed = self
            .retrying(PushError::is_transient, || {
                git::push(&git, &fresh, base, &source, what, &token)
            })
            .await;
        pushed.map_err(|error| {
            tracing::warn!(%error, "the branch could not be pushed");
            FailureKind::PushRejected
        })?;
        tracing::info!(
            git.branch = self.payload.branch,
            git.commit = sealed.commit.as_str(),
            "the branch is pushed"
        );
        Ok(token)
    }

    async fn open(
        &self,
        base: &Base,
        proposal: &Proposal<'_>,
        checks: Checks,
        token: SecretString,
    ) -> Result<PullRequest, Halt> {
        self.news
            .stage(Stage::Opening, "Opening a draft pull request");
        self.lease.confirm().await?;
        let daemon = self.daemon;
        let api = daemon.config.github_api.clone();
        let github = GitHubWithToken::new(daemon.http.clone(), api, token, daemon.clock.clone());
        let pull = NewPull {
            title: proposal.title().to_owned(),
            body: proposal.body(daemon.harness.name(), checks),
            head: self.payload.branch.clone(),
            base: base.branch.clone(),
        };
        let opened = self
            .retrying(GitHubError::is_transient, || self.propose(&github, &pull))
            .await;
        let opened = opened.map_err(|error| {
            tracing::warn!(%error, "the pull request could not be opened");
            FailureKind::PullRequestRefused
        })?;
        tracing::info!(pull.number = %opened.number, "the pull request is open");
        Ok(opened)
    }

    async fn propose(
        &self,
        github: &GitHubWithToken,
        pull: &NewPull,
    ) -> Result<PullRequest, GitHubError> {
        let repository = &self.payload.repository;
        let proposed = match github.find_pull_by_head(repository, &pull.head).await {
            Ok(Some(open)) => Ok(open),
            Ok(None) => github.create_draft_pull(repository, pull).await,
            Err(error) => Err(error),
        };
        // The branch is pushed already: a pause is better than throwing the work away.
        if let Err(GitHubError::RateLimited { until }) = &proposed {
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
