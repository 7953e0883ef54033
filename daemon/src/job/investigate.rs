//! Reading the code and answering.

use domain::{Deliverable, FailureKind};
use tracing::Instrument as _;

use super::{Halt, Job, Report, part};
use crate::artefacts;

impl Job<'_> {
    /// Clones, lets the agent look, and takes its findings. No credential that may write is ever asked
    /// for, and whatever the agent changed goes with the folder.
    pub(super) async fn investigate(&self) -> Result<Report, Halt> {
        self.clone().instrument(part("clone")).await?;
        let account = self.agent().await?;
        let findings = artefacts::findings(self.workspace, account.words);
        let findings = findings.ok_or(FailureKind::NoFindings)?;
        self.lease.confirm().await?;
        Ok(Report {
            findings: Some(findings),
            ..Report::succeeded(Deliverable::Findings)
        })
    }
}
