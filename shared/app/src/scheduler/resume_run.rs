//! Sets a run going again that has waited for too long.

use domain::{Actor, DueAction, Run, RunKey};

use super::{Scheduler, Sweep};
use crate::{
    AppError,
    told::{self, Over, about},
};

impl Scheduler {
    /// Brings a run that is due up to date, and sends its job again if nobody is at work on it. The time of
    /// the next look is written first: a job that could not be sent is due again then.
    pub(super) async fn resume_run(
        &self,
        actor: &Actor,
        key: &RunKey,
        sweep: &mut Sweep,
    ) -> Result<(), AppError> {
        let now = self.clock.now();
        // The index lags, so whether the run really is due is decided on the run itself.
        let settle = |run: &mut Run| {
            let before = Over::is(run);
            let due = run.due_at.is_some_and(|due| due <= now);
            due.then(|| (before, run.due(now)))
        };
        let Some((run, Some((before, action)))) = self.store.change_run(key, settle).await? else {
            return Ok(());
        };
        about(&run);
        told::ended(&run, before);
        match action {
            DueAction::Resend => {
                self.jobs.send(&run).await?;
                sweep.resent += 1;
                tracing::info!(
                    tenant.id = %actor.tenant,
                    metric.SweepResumed = 1_u64,
                    dimension.What = "job",
                    "a job was sent again"
                );
            }
            DueAction::Save => {
                sweep.settled += 1;
                tracing::info!(tenant.id = %actor.tenant, state = ?run.state(), "a run was brought up to date");
            }
        }
        Ok(())
    }
}
