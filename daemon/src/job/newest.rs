//! A push that is refused for files that the change does not touch.

use domain::{Failure, FailureKind};

use super::{JobContext, JobError, token::Token};
use crate::{
    change::Refusal,
    git::{self, Base, MoveError, Taken, Verdict},
    proposal::Proposal,
};

impl JobContext<'_> {
    /// Puts the change onto what its branch has become. The provider compares the workflows of a pushed commit with those
    /// that the repository has now, so that somebody else's change of these is in the way of any older commit.
    pub(super) async fn onto_newest(
        &self,
        change: (&Base, &Taken),
        refusals: &[Refusal],
        proposal: &Proposal<'_>,
        credential: &Token,
    ) -> Result<(Base, Taken), JobError> {
        let (git, source, bot) = (self.git()?, self.source(), self.bot());
        let signature = self.signature(&bot, proposal);
        let moved = self
            .retrying(|| git::onto_newest(&git, change, &source, &signature, credential.secret()))
            .await;
        let moved = moved.map_err(|error| {
            tracing::warn!(%error, "the change cannot be put onto the newest commit");
            match error {
                MoveError::Git(error) if error.verdict() == Verdict::NoRoom => {
                    JobError::NoRoom(FailureKind::PushRejected.into())
                }
                MoveError::Same => named(FailureKind::PushRejected, refusals),
                _ => workflows_changed(refusals),
            }
        })?;
        self.progress
            .step("The default branch's workflows changed; the change is put onto them");
        Ok(moved)
    }
}

/// The failure of a change that is without the newest workflows.
pub(super) fn workflows_changed(refusals: &[Refusal]) -> JobError {
    named(FailureKind::WorkflowsChanged, refusals)
}

fn named(kind: FailureKind, refusals: &[Refusal]) -> JobError {
    let names = refusals.iter().filter_map(Refusal::about);
    Failure::from(kind).about(names).into()
}
