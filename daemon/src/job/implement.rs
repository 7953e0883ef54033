//! Changing the code and proposing the change.

use domain::{Deliverable, Failure, FailureKind, Outcome, Stage};
use tracing::Instrument as _;

use super::{Halt, Job, Report, agent::AgentEnd, part, public::Public};
use crate::{
    artefacts,
    change::Refusal,
    git::{self, Base, ChangeError, Signature, Taken},
    proposal::{Checks, Proposal, Summary},
};

impl Job<'_> {
    /// Clones, lets the agent work, takes and checks what it changed, pushes it and opens a draft.
    pub(super) async fn implement(&self) -> Result<Report, Halt> {
        let (base, conversation) = self.clone().instrument(part("clone")).await?;
        let account = match self.agent(&conversation).await? {
            AgentEnd::Finished(account) => account,
            AgentEnd::Broken { failure, .. } => {
                return Err(self.keep(&base, failure).await?.into());
            }
        };
        let summary = artefacts::summary(self.workspace).or(account.words);
        let summary = self.public(summary).await;
        let proposal = Proposal::new(self.payload, summary.summary());
        // The change is taken before the checks run, so that nothing they leave behind gets into it.
        let taken = self
            .take(&base, &proposal)
            .instrument(part("check change"))
            .await;
        let taken = match taken {
            Err(ChangeError::Nothing) if !account.denied.is_empty() => {
                // What was to be done could not be done, whatever the agent says about it.
                let denied = Failure::from(FailureKind::ToolsDenied).about(&account.denied);
                return Err(denied.into());
            }
            Err(ChangeError::Nothing) => return self.unchanged(summary).await,
            taken => taken.map_err(|error| refused(&error))?,
        };
        let checks = self.checks().instrument(part("run checks")).await?;
        let pull = self.deliver(&base, &taken, &proposal, checks).await?;
        let deliverable = Deliverable::PullRequest(pull);
        Ok(match missing(&taken, checks) {
            Some(failure) => Report {
                outcome: Outcome::Incomplete {
                    failure,
                    deliverable,
                },
                findings: None,
            },
            None => Report::succeeded(deliverable),
        })
    }

    async fn take(&self, base: &Base, proposal: &Proposal<'_>) -> Result<Taken, ChangeError> {
        self.news
            .stage(Stage::Checking, "The change is looked through");
        let bot = self.bot();
        let signature = Signature {
            bot: &bot,
            at: self.daemon.clock.now(),
            message: proposal.message(),
        };
        let mut secrets = self.daemon.secrets.clone();
        secrets.push(self.lease.token().clone());
        let checkout = self.workspace.checkout();
        let git = self.git().map_err(|_| ChangeError::NoHome)?;
        let taken = git::take(&git, base, &checkout, &signature, &secrets).await?;
        for refusal in &taken.left_out {
            tracing::warn!(%refusal, "a file is left out of the change");
        }
        Ok(taken)
    }

    /// Nothing was changed: what the agent said about that is the answer.
    async fn unchanged(&self, said: Public) -> Result<Report, Halt> {
        let said = said.answer(FailureKind::NoChange)?;
        let reason = artefacts::clipped(Some(said)).ok_or(FailureKind::NoChange)?;
        self.lease.confirm().await?;
        Ok(Report {
            outcome: Outcome::Unchanged,
            findings: Some(reason),
        })
    }

    /// Keeps on a branch what an agent left that did not get to its end, and says so in its failure.
    async fn keep(&self, base: &Base, failure: Failure) -> Result<Failure, Halt> {
        let proposal = Proposal::new(self.payload, Summary::None);
        let Ok(taken) = self.take(base, &proposal).await else {
            return Ok(failure);
        };
        let kept = self
            .push(base, &taken.sealed)
            .instrument(part("push"))
            .await;
        match kept {
            Ok((branch, credential)) => {
                self.revoke(credential).await;
                Ok(failure.kept_on(&branch))
            }
            // Why the agent failed matters more than why its leftovers could not be kept.
            Err(Halt::Failed(_)) => Ok(failure),
            Err(stopped) => Err(stopped),
        }
    }
}

/// What is missing from a change that was proposed all the same.
fn missing(taken: &Taken, checks: Checks) -> Option<Failure> {
    let unchecked = match checks {
        Checks::Failed => Some(FailureKind::ChecksFailed.into()),
        Checks::Missing => Some(FailureKind::CheckMissing.into()),
        Checks::None | Checks::Passed => None,
    };
    Refusal::failure(&taken.left_out).or(unchecked)
}

/// Why there is no change to propose.
fn refused(error: &ChangeError) -> Failure {
    match error {
        ChangeError::Nothing => FailureKind::NoChange.into(),
        ChangeError::NoHome => FailureKind::Internal.into(),
        ChangeError::Refused(refusals) => {
            let reasons: Vec<String> = refusals.iter().take(20).map(ToString::to_string).collect();
            tracing::warn!(reasons = reasons.join("; "), "the change is refused");
            Refusal::failure(refusals).unwrap_or_else(|| FailureKind::ChangeRefused.into())
        }
        ChangeError::Git(error) => {
            // The files or the base are not as git needs them, and only the agent can have done that.
            tracing::warn!(%error, "the change cannot be taken");
            FailureKind::ChangeRefused.into()
        }
    }
}
