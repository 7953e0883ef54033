//! Running the operator's checks of a change.

use std::ffi::OsString;

use domain::{FailureKind, Stage};

use super::{JobContext, JobError};
use crate::{
    process::{ProcessExit, Pulse, Watch},
    proposal::Checks,
};

impl JobContext<'_> {
    /// Runs the operator's checks in the checkout, as little trusted as the agent: what they run is the
    /// repository's own code.
    pub(super) async fn checks(&self) -> Result<Checks, JobError> {
        let Some(command) = &self.daemon.config.check else {
            return Ok(Checks::None);
        };
        self.progress.stage(Stage::Checking, "The checks run");
        let command = command.iter().map(OsString::from).collect();
        let pulse = Pulse::begin();
        let watch = Watch {
            on_line: &mut |_| (),
            pulse: &pulse,
            until: std::pin::pin!(std::future::pending()),
        };
        let ran = self
            .supervised(command, self.environment(), Vec::new(), None, watch)
            .await;
        let checks = match ran {
            Ok(ended) => {
                self.keep_log("checks", &ended);
                match ended.end {
                    ProcessExit::Exited(status) if status.success() => Checks::Passed,
                    _ => Checks::Failed,
                }
            }
            Err(JobError::Failed(failure)) if failure.kind() == FailureKind::AgentMissing => {
                tracing::error!("the program of the checks is not there");
                Checks::Missing
            }
            Err(halt) => return Err(halt),
        };
        self.progress.step(match checks {
            Checks::Passed => "The checks passed",
            Checks::Missing => "The checks could not run",
            Checks::Failed | Checks::None => "The checks failed",
        });
        Ok(checks)
    }
}
