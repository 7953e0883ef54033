//! Changing the code and proposing the change.

use domain::{Deliverable, Failure, FailureKind, Outcome, Stage};
use tracing::Instrument as _;

use super::{JobContext, JobError, JobResult, agent::AgentEnd, part, public::Public};
use crate::{
    agent_files,
    change::Refusal,
    conversation::Unread,
    git::{self, Base, Bot, ChangeError, Git, Signature, Taken, Verdict},
    proposal::{Checks, Proposal, Summary},
};

impl JobContext<'_> {
    /// Clones, lets the agent work, takes and checks what it changed, pushes it and opens a draft.
    pub(super) async fn propose_change(&self) -> Result<JobResult, JobError> {
        let (base, conversation) = self.clone().instrument(part("clone")).await?;
        let unread = conversation.unread();
        let account = match self.agent(conversation).await? {
            AgentEnd::Finished(account) => account,
            AgentEnd::Broken { failure, .. } => {
                return Err(self.keep(&base, failure).await?.into());
            }
        };
        let summary = agent_files::summary(self.workspace).or(account.words);
        let summary = self.public(summary).await;
        let proposal = self.proposal(summary.summary());
        // The change is taken before the checks run, so that nothing they leave behind gets into it.
        let taken = self
            .take(&base, &proposal)
            .instrument(part("check change"))
            .await?;
        let Some(taken) = taken else {
            if account.denied.is_empty() {
                return self.unchanged(summary, &unread).await;
            }
            // What was to be done could not be done, whatever the agent says about it.
            let denied = Failure::from(FailureKind::ToolsDenied).about(&account.denied);
            return Err(denied.into());
        };
        if let Some(excess) = Refusal::failure(taken.excess.as_slice()) {
            return Err(self.kept(&base, taken, &proposal, excess).await?.into());
        }
        let checks = self.checks().instrument(part("run checks")).await?;
        let (pull, taken) = self
            .deliver(&base, taken, &proposal, checks, &unread)
            .await?;
        let deliverable = Deliverable::PullRequest(pull);
        Ok(match missing(&taken, checks) {
            Some(failure) => JobResult {
                outcome: Outcome::Incomplete {
                    failure,
                    deliverable,
                },
                findings: None,
            },
            None => JobResult::succeeded(deliverable),
        })
    }

    fn proposal(&self, summary: Summary<'_>) -> Proposal<'_> {
        let issue = self.redacted(&self.payload.title);
        Proposal::new(self.payload, &issue, summary)
    }

    /// The change as a commit; none if nothing was changed.
    async fn take(&self, base: &Base, proposal: &Proposal<'_>) -> Result<Option<Taken>, JobError> {
        self.progress
            .stage(Stage::Checking, "The change is looked through");
        let bot = self.bot();
        let secrets = self.secrets.all();
        let checkout = self.workspace.checkout();
        let git = self.git()?;
        let signature = self.signature(&bot, proposal);
        match git::take(&git, base, &checkout, &signature, &secrets).await {
            Ok(taken) => {
                log(&taken.left_out);
                Ok(Some(taken))
            }
            Err(ChangeError::Nothing) => Ok(None),
            Err(error) => Err(refused(error)),
        }
    }

    /// The change without what the provider refuses of it.
    pub(super) async fn left_out(
        &self,
        git: &Git,
        base: &Base,
        taken: &Taken,
        refusals: &[Refusal],
        proposal: &Proposal<'_>,
    ) -> Result<Taken, ChangeError> {
        let bot = self.bot();
        let signature = self.signature(&bot, proposal);
        let rest = git::leave_out(git, base, taken, refusals, &signature).await?;
        log(refusals);
        self.progress
            .step("GitHub refuses a part of the change; the rest is pushed without it");
        Ok(rest)
    }

    /// Who commits the change, and with which words.
    pub(super) fn signature<'a>(&self, bot: &'a Bot, proposal: &Proposal<'_>) -> Signature<'a> {
        Signature {
            bot,
            at: self.daemon.clock.now(),
            message: proposal.message(),
        }
    }

    /// Nothing was changed: what the agent said about that is the answer.
    async fn unchanged(&self, said: Public, unread: &Unread) -> Result<JobResult, JobError> {
        let said = said.answer(FailureKind::NoChange)?;
        let reason = agent_files::clipped(Some(said)).ok_or(FailureKind::NoChange)?;
        self.lease.confirm().await?;
        Ok(JobResult {
            outcome: Outcome::Unchanged,
            findings: Some(agent_files::noted(reason, unread.note())),
        })
    }

    /// Keeps on a branch what an agent left that did not get to its end, and says so in its failure.
    async fn keep(&self, base: &Base, failure: Failure) -> Result<Failure, JobError> {
        let proposal = self.proposal(Summary::None);
        match self.take(base, &proposal).await {
            Ok(Some(taken)) => self.kept(base, taken, &proposal, failure).await,
            Ok(None) | Err(JobError::Failed(_)) => Ok(failure),
            Err(stopped) => Err(stopped),
        }
    }

    /// Keeps a change that is not proposed on a branch, and says so in the failure.
    async fn kept(
        &self,
        base: &Base,
        taken: Taken,
        proposal: &Proposal<'_>,
        failure: Failure,
    ) -> Result<Failure, JobError> {
        let kept = self
            .push(base, taken, proposal)
            .instrument(part("push"))
            .await;
        match kept {
            Ok(pushed) => {
                self.revoke(pushed.credential).await;
                Ok(failure.kept_on(&pushed.branch))
            }
            // Why it failed in the first place matters more than why what is left could not be kept.
            Err(JobError::Failed(_)) => Ok(failure),
            Err(stopped) => Err(stopped),
        }
    }
}

fn log(refusals: &[Refusal]) {
    for refusal in refusals {
        tracing::warn!(%refusal, "a file is left out of the change");
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
pub(super) fn refused(error: ChangeError) -> JobError {
    match error {
        ChangeError::Nothing => FailureKind::NoChange.into(),
        ChangeError::Refused(refusals) | ChangeError::Elsewhere(refusals) => {
            let reasons: Vec<String> = refusals.iter().take(20).map(ToString::to_string).collect();
            tracing::warn!(reasons = reasons.join("; "), "the change is refused");
            Refusal::failure(&refusals)
                .unwrap_or_else(|| FailureKind::ChangeRefused.into())
                .into()
        }
        ChangeError::Git(error) if error.verdict() == Verdict::NoRoom => {
            tracing::warn!(%error, "the change cannot be taken");
            JobError::NoRoom(FailureKind::ChangeRefused.into())
        }
        ChangeError::Git(error) => {
            // The files or the base are not as git needs them, and only the agent can have done that.
            tracing::warn!(%error, "the change cannot be taken");
            FailureKind::ChangeRefused.into()
        }
    }
}
