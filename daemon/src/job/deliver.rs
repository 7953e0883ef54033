//! Pushing a change and proposing it.

use contract::worker::GitAccess;
use domain::{Failure, FailureKind, PullRequest, RunBranches, Stage};
use github::{GitHubWithToken, NewPull, PullError, Readiness};
use tracing::Instrument as _;

use super::{
    JobContext, JobError, newest::workflows_changed, part, propose_change::refused, token::Token,
};
use crate::{
    change::{FileLimit, Refusal},
    conversation::Unread,
    git::{self, Base, ChangeError, Push, PushError, Sealed, Taken, Verdict},
    proposal::{Checks, Proposal, Remarks},
};

/// How often a change is made anew without what the provider refused of it.
const ANEW: u32 = 3;
/// How people are told that a file holds what the provider takes for a secret.
const KNOWN_THERE: &str = "a secret, as GitHub says";

/// What was pushed.
pub(super) struct Pushed {
    /// Where to.
    pub(super) branch: String,
    /// The change as the provider took it.
    pub(super) taken: Taken,
    /// It is good for the pull request too.
    pub(super) credential: Token,
}

impl JobContext<'_> {
    /// Pushes the change and opens a pull request for it. Gives back what of the change is in it.
    pub(super) async fn deliver(
        &self,
        base: &Base,
        taken: Taken,
        proposal: &Proposal<'_>,
        checks: Checks,
        unread: &Unread,
    ) -> Result<(PullRequest, Taken), JobError> {
        let pushed = self
            .push(base, taken, proposal)
            .instrument(part("push"))
            .await?;
        let remarks = Remarks {
            checks,
            left_out: &pushed.taken.left_out,
            unread,
            readiness: Readiness::Draft,
        };
        let opened = self
            .open(base, &pushed.branch, proposal, remarks, &pushed.credential)
            .instrument(part("open pull request"))
            .await;
        self.revoke(pushed.credential).await;
        Ok((opened?, pushed.taken))
    }

    /// Pushes to one of the run's branches. What the provider refuses by name is left out, and the rest pushed again;
    /// where that is none of the change's files, the change is put onto the newest commit once.
    pub(super) async fn push(
        &self,
        base: &Base,
        mut taken: Taken,
        proposal: &Proposal<'_>,
    ) -> Result<Pushed, JobError> {
        self.progress
            .stage(Stage::Pushing, &format!("Pushing {}", self.payload.branch));
        self.lease.confirm().await?;
        let credential = self
            .token(GitAccess::Write, FailureKind::PushRejected)
            .await?;
        let git = self.git()?;
        let mut newest = None;
        let mut anew = 0;
        loop {
            let on = newest.as_ref().unwrap_or(base);
            let error = match self.put(on, &taken.sealed, &credential).await? {
                Ok(branch) => {
                    return Ok(Pushed {
                        branch,
                        taken,
                        credential,
                    });
                }
                Err(error) => error,
            };
            let refusals = refused_there(&error.verdict());
            if refusals.is_empty() || anew == ANEW {
                return Err(unpushed(&error, &credential));
            }
            anew += 1;
            match self.left_out(&git, on, &taken, &refusals, proposal).await {
                Ok(rest) => taken = rest,
                Err(ChangeError::Elsewhere(_)) if error.is_about_workflows() => {
                    if newest.is_some() {
                        return Err(workflows_changed(&refusals));
                    }
                    let moved = self.onto_newest((on, &taken), &refusals, proposal, &credential);
                    let (base, moved) = moved.await?;
                    (newest, taken) = (Some(base), moved);
                }
                Err(error) => return Err(refused(error)),
            }
            self.lease.confirm().await?;
        }
    }

    /// Puts the commit on one of the run's branches, and says which.
    async fn put(
        &self,
        base: &Base,
        sealed: &Sealed,
        credential: &Token,
    ) -> Result<Result<String, PushError>, JobError> {
        let (git, source, bot) = (self.git()?, self.source(), self.bot());
        let fresh = sealed.open(&git, base).await.map_err(|error| {
            tracing::error!(%error, "the change cannot be opened again");
            match error.verdict() {
                Verdict::NoRoom => JobError::NoRoom(FailureKind::Internal.into()),
                _ => FailureKind::Internal.into(),
            }
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
            .retrying_with(credential.age_at_first(), || {
                git::push(&git, &fresh, push, credential.secret())
            })
            .await;
        match &pushed {
            Ok(branch) => {
                let commit = sealed.commit.as_str();
                tracing::info!(
                    git.branch = branch,
                    git.commit = commit,
                    "the branch is pushed"
                );
            }
            Err(error) => tracing::warn!(%error, "the branch could not be pushed"),
        }
        Ok(pushed)
    }

    async fn open(
        &self,
        base: &Base,
        branch: &str,
        proposal: &Proposal<'_>,
        mut remarks: Remarks<'_>,
        token: &Token,
    ) -> Result<PullRequest, JobError> {
        self.progress
            .stage(Stage::Opening, "Opening a draft pull request");
        self.lease.confirm().await?;
        let github = self.github(token);
        let mut into = base.branch.clone();
        loop {
            let pull = NewPull {
                title: proposal.title().to_owned(),
                // Names of files may hold anything.
                body: self.redacted(&proposal.body(self.daemon.harness.name(), remarks)),
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
        match github.find_pull_by_head(repository, &pull.head).await {
            Ok(Some(open)) => Ok(open),
            Ok(None) => github.create_pull(repository, pull).await,
            Err(error) => Err(error.into()),
        }
    }
}

/// The files that the provider refuses, and why.
fn refused_there(verdict: &Verdict) -> Vec<Refusal> {
    let name = |file: &String| file.as_str().into();
    match verdict {
        Verdict::Forbidden(files) => {
            let files = files.iter().map(name);
            files.map(Refusal::Protected).collect()
        }
        Verdict::TooLarge { files, limit } => {
            let limit = FileLimit::Provider(limit.clone());
            let files = files.iter().map(name);
            files
                .map(|file| Refusal::TooLarge(file, limit.clone()))
                .collect()
        }
        Verdict::Credentials(files) => {
            let files = files.iter().map(name);
            files
                .map(|file| Refusal::Secret(KNOWN_THERE, file))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// What a push that failed means for the job.
fn unpushed(error: &PushError, token: &Token) -> JobError {
    let kind = match error {
        PushError::Branch(_) => FailureKind::PushRejected,
        PushError::Taken => FailureKind::BranchTaken,
        PushError::Changed(branch) => {
            return Failure::from(FailureKind::BranchChanged)
                .about([branch])
                .into();
        }
        PushError::Git(_) => match error.verdict() {
            Verdict::Archived => FailureKind::RepositoryArchived,
            Verdict::Moved => FailureKind::BranchChanged,
            Verdict::InTheWay => FailureKind::BranchTaken,
            Verdict::Rules | Verdict::Declined => FailureKind::BranchRules,
            Verdict::NotStored => FailureKind::LargeFileStorage,
            Verdict::NoRoom => return JobError::NoRoom(FailureKind::PushRejected.into()),
            verdict => {
                let refused = Refusal::failure(&refused_there(&verdict));
                return refused
                    .unwrap_or_else(|| {
                        token
                            .refused((&verdict).into(), FailureKind::PushRejected)
                            .into()
                    })
                    .into();
            }
        },
    };
    kind.into()
}
