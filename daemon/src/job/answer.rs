//! Reading the code and answering.

use domain::{Deliverable, Failure, FailureKind};
use tracing::Instrument as _;

use super::{JobContext, JobError, JobResult, agent::AgentEnd, part};
use crate::agent_files;

impl JobContext<'_> {
    /// Clones, lets the agent look, and takes its findings. No credential that may write is ever asked
    /// for, and whatever the agent changed goes with the folder.
    pub(super) async fn answer(&self) -> Result<JobResult, JobError> {
        let (_, conversation) = self.clone().instrument(part("clone")).await?;
        let unread = conversation.unread();
        let account = match self.agent(conversation).await? {
            AgentEnd::Finished(account) => account,
            AgentEnd::Broken { failure, .. } => return Err(failure.into()),
        };
        let findings = agent_files::findings(self.workspace, account.words.clone());
        let findings = self.public(findings).await;
        let findings = findings.answer(nothing_said(&account.denied))?;
        self.lease.confirm().await?;
        Ok(JobResult {
            findings: Some(agent_files::noted(findings, unread.note())),
            ..JobResult::succeeded(Deliverable::Findings)
        })
    }
}

fn nothing_said(denied: &[String]) -> Failure {
    if denied.is_empty() {
        FailureKind::NoFindings.into()
    } else {
        Failure::from(FailureKind::ToolsDenied).about(denied)
    }
}
