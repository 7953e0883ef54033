//! Running the operator's checks of a change.

use std::ffi::OsString;

use domain::{FailureKind, Stage};

use super::{Halt, Job};
use crate::{
    process::{End, Pulse, Watch},
    proposal::Checks,
};

impl Job<'_> {
    /// Runs the operator's checks in the checkout, as little trusted as the agent: what they run is the
    /// repository's own code.
    pub(super) async fn checks(&self) -> Result<Checks, Halt> {
        let Some(command) = &self.daemon.config.check else {
            return Ok(Checks::None);
        };
        self.news.stage(Stage::Checking, "The checks run");
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
                    End::Exited(status) if status.success() => Checks::Passed,
                    _ => Checks::Failed,
                }
            }
            Err(Halt::Failed(failure)) if failure.kind() == FailureKind::AgentMissing => {
                tracing::error!("the program of the checks is not there");
                Checks::Missing
            }
            Err(halt) => return Err(halt),
        };
        self.news.step(match checks {
            Checks::Passed => "The checks passed",
            Checks::Missing => "The checks could not run",
            Checks::Failed | Checks::None => "The checks failed",
        });
        Ok(checks)
    }
}
