//! The work on one job.

mod agent;
mod answer;
mod checks;
mod conversation;
mod deliver;
mod newest;
mod propose_change;
mod public;
mod retry;
mod revocations;
mod supervised;
mod token;
mod watch;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use contract::worker::{CancelReason, FinishRequest, GitAccess, JobPayload};
use domain::{
    AccountId, CommitSha, Deliverable, DeliverableKind, Failure, FailureKind, Outcome,
    RepositoryAccess, Spent, Stage, Usage,
};
use jiff::Timestamp;

pub(crate) use self::revocations::Revocations;
use self::{retry::Judged as _, token::Token};
use crate::{
    Daemon,
    conversation::Conversation,
    git::{self, Base, Bot, CloneError, Git, GitError, Source, Verdict},
    lease::{LeaseKeeper, StopReason},
    model::Model,
    progress::ProgressSender,
    secrets::Secrets,
    unfit::Unfit,
    workspace::Workspace,
};

/// What came of a job.
#[derive(Debug)]
pub(crate) struct JobResult {
    outcome: Outcome,
    findings: Option<String>,
}

/// Work ended without what was asked for.
#[derive(Debug)]
pub(crate) enum JobError {
    /// It failed.
    Failed(Failure),
    /// It was stopped.
    Stopped(StopReason),
    /// The daemon is not fit for it.
    Unfit(Unfit),
    /// Git found no room on the disk, or may have. If there is room, it failed so.
    NoRoom(Failure),
    /// The model's provider takes no calls until then, which is soon enough for the work to begin anew.
    Limited(Timestamp),
}

impl From<FailureKind> for JobError {
    fn from(kind: FailureKind) -> Self {
        Self::Failed(kind.into())
    }
}

impl From<Failure> for JobError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Unfit> for JobError {
    fn from(unfit: Unfit) -> Self {
        Self::Unfit(unfit)
    }
}

impl From<StopReason> for JobError {
    fn from(stop: StopReason) -> Self {
        Self::Stopped(stop)
    }
}

impl JobResult {
    fn succeeded(deliverable: Deliverable) -> Self {
        Self {
            outcome: Outcome::Succeeded { deliverable },
            findings: None,
        }
    }

    /// The report of work that failed.
    pub(crate) fn failed(failure: impl Into<Failure>) -> Self {
        Self {
            outcome: Outcome::Failed {
                failure: failure.into(),
            },
            findings: None,
        }
    }

    /// The report of work that the platform stopped.
    pub(crate) fn cancelled(reason: CancelReason) -> Self {
        let outcome = match reason {
            CancelReason::Requested => Outcome::Cancelled,
            CancelReason::Expired => Outcome::Expired,
        };
        Self {
            outcome,
            findings: None,
        }
    }

    /// The report as the platform takes it.
    pub(crate) fn request(self, spent: Spent, revision: Option<CommitSha>) -> FinishRequest {
        FinishRequest {
            outcome: self.outcome,
            spent,
            revision,
            findings: self.findings,
        }
    }
}

/// The span of a part of the work, which is made for export only.
fn part(name: &'static str) -> tracing::Span {
    tracing::info_span!(target: "otel", "part", otel.name = name)
}

/// One job at work.
pub(crate) struct JobContext<'a> {
    /// The daemon that does it.
    pub(crate) daemon: &'a Daemon,
    /// What to do.
    pub(crate) payload: &'a JobPayload,
    /// The hold on it.
    pub(crate) lease: &'a Arc<LeaseKeeper>,
    /// Where its git credentials end.
    pub(crate) revocations: &'a Arc<Revocations>,
    /// Where progress events go.
    pub(crate) progress: &'a ProgressSender,
    /// What must not leave.
    pub(crate) secrets: &'a Arc<Secrets>,
    /// Its folder.
    pub(crate) workspace: &'a Workspace,
    /// The number of the bot's account, once it is known.
    pub(crate) bot_id: OnceLock<AccountId>,
    /// What it has used up so far, told also when it fails.
    pub(crate) spent: &'a Mutex<Spent>,
    /// The commit it works on, once that is known; told whatever becomes of it.
    pub(crate) revision: &'a OnceLock<CommitSha>,
}

impl JobContext<'_> {
    /// Does the work.
    pub(crate) async fn perform(&self) -> Result<JobResult, JobError> {
        let wire = self.daemon.model.as_ref().map(Model::wire);
        self.daemon.harness.ready(wire)?;
        let done = match self.payload.task.deliverable {
            DeliverableKind::PullRequest => self.propose_change().await,
            DeliverableKind::Findings => self.answer().await,
        };
        match done {
            Ok(report) => Ok(JobResult {
                findings: report.findings.map(|words| self.redacted(&words)),
                outcome: report.outcome.redacted(&self.secrets.redactor()),
            }),
            Err(JobError::Failed(failure)) => {
                Err(failure.redacted(&self.secrets.redactor()).into())
            }
            Err(stopped) => Err(stopped),
        }
    }

    /// What an agent wrote, without credentials.
    fn redacted(&self, text: &str) -> String {
        let redacted = self.secrets.redactor().redact(text);
        if redacted.total() > 0 {
            tracing::warn!(
                metric.CredentialsRemoved = redacted.total(),
                credentials.removed = redacted.total(),
                kinds = ?redacted.counts.keys(),
                "what the agent wrote held something that looks like a credential"
            );
        }
        redacted.text
    }

    /// Git in a home that no program of the agent's has seen.
    fn git(&self) -> Result<Git, Unfit> {
        let config = &self.daemon.config;
        let home = self.workspace.git_home(&*self.daemon.random)?;
        Ok(Git::new(&config.path, &home, &config.github_git))
    }

    /// The bot that commits.
    fn bot(&self) -> Bot {
        let host = github::commit_host(&self.daemon.config.github_api);
        Bot::new(&self.payload.bot, self.bot_id.get().copied(), &host)
    }

    fn source(&self) -> Source {
        Source {
            repository: self.payload.repository.clone(),
            kind: self.payload.kind,
            number: self.payload.number,
            revision: self.payload.revision.clone().map(String::from),
        }
    }

    /// The fresh clone and what was said, got with a token that is gone when this returns.
    async fn clone(&self) -> Result<(Base, Conversation), JobError> {
        self.progress.stage(
            Stage::Cloning,
            &format!(
                "Cloning {}, and reading what was said",
                self.payload.repository
            ),
        );
        let (git, source) = (self.git()?, self.source());
        let token = self
            .token(GitAccess::Read, FailureKind::CloneFailed)
            .await?;
        let history = self.daemon.config.history;
        let got = match self.writable(&token).await {
            Ok(()) => {
                let cloning = self.retrying_with(token.age_at_first(), || {
                    git::clone(&git, &source, self.workspace, history, token.secret())
                });
                // The work's future is deep enough without this one inside.
                let reading = Box::pin(self.conversation(&token));
                let (cloned, conversation) = tokio::join!(cloning, reading);
                let cloned = cloned.map_err(|error| uncloned(error, &token));
                cloned.map(|base| (base, conversation))
            }
            Err(archived) => Err(archived.into()),
        };
        self.know_bot(&token).await;
        self.revoke(token).await;
        let (base, conversation) = got?;
        if let Ok(revision) = base.commit.parse() {
            drop(self.revision.set(revision));
        }
        // From here on it is the agent's.
        let checkout = self.workspace.checkout();
        self.workspace.hand_over(&checkout).map_err(Unfit::Folder)?;
        Ok((base, conversation))
    }

    /// Asks for the number of the bot's account. It only makes the commits' address better: without it, work goes on.
    async fn know_bot(&self, token: &Token) {
        if self.payload.task.access == RepositoryAccess::Read {
            return;
        }
        let github = self.github(token);
        match github.account_id(&self.payload.bot).await {
            Ok(id) => drop(self.bot_id.set(id)),
            Err(error) => tracing::warn!(%error, "the number of the bot's account is not known"),
        }
    }

    /// Whether the repository takes changes, if this job is to make some. Nobody pays for work that cannot be pushed.
    async fn writable(&self, token: &Token) -> Result<(), FailureKind> {
        if self.payload.task.access == RepositoryAccess::Read {
            return Ok(());
        }
        let github = self.github(token);
        let asked = self.retrying_with(token.age_at_first(), || {
            github.repository(&self.payload.repository)
        });
        match asked.await {
            Ok(found) if found.archived => Err(FailureKind::RepositoryArchived),
            Ok(_) => Ok(()),
            Err(error) => {
                // The clone says more about a repository that is out of reach.
                tracing::warn!(%error, "the repository could not be looked at");
                Ok(())
            }
        }
    }

    fn spend(&self, spent: Spent) {
        *self.spent.lock().unwrap_or_else(PoisonError::into_inner) = spent;
    }

    /// Counts `usage` beside what is spent already.
    fn spend_more(&self, usage: Usage) {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.usage = Some(spent.usage.unwrap_or_default().plus(usage));
    }
}

fn uncloned(error: CloneError, token: &Token) -> JobError {
    tracing::warn!(%error, "the repository could not be cloned");
    let kind = match error {
        CloneError::Git(error) if error.verdict() == Verdict::NoRoom => {
            return JobError::NoRoom(FailureKind::CloneFailed.into());
        }
        CloneError::Empty => FailureKind::RepositoryEmpty,
        CloneError::BaseGone => FailureKind::BaseGone,
        CloneError::RevisionGone => FailureKind::RevisionGone,
        CloneError::Git(GitError::Io(error)) | CloneError::Checkout(GitError::Io(error)) => {
            return Unfit::Git(error).into();
        }
        // Git does not always say that there was no room for a file.
        CloneError::Checkout(_) => return JobError::NoRoom(FailureKind::CheckoutFailed.into()),
        CloneError::Git(error) => token.refused(error.again(), FailureKind::CloneFailed),
    };
    kind.into()
}
