//! Ends whatever was asked for on a subject before.

use domain::{DeliveryId, RequestTime, Run, StopRequest, Stopped};
use policy::{Allowed, StopRuns};

use crate::{
    AppError, Runs,
    run_log::{self, WasFinished},
};

/// How many runs of a definition are looked at: the newest may be at work, and others may have been stopped by an
/// earlier pass over the same request.
const LOOK_BACK: i32 = 5;

impl Runs {
    /// Puts in force what was `asked` by the `delivery`, ends every run of the subject that was asked for before it,
    /// and says how many it has ended, in this pass or an earlier one. A start that comes late finds the request
    /// in force and is ended by that.
    ///
    /// ```
    /// # use {domain::{DeliveryId, RequestTime}, policy::{Allowed, StopRuns}, runs::Runs};
    /// async fn stop(runs: Runs, allowed: Allowed<StopRuns>, asked: RequestTime, by: DeliveryId) {
    ///     let _stopped = runs.stop_runs(&allowed, asked, &by).await;
    /// }
    /// ```
    ///
    /// Without permission there is no way in:
    ///
    /// ```compile_fail,E0308
    /// # use {domain::{DeliveryId, RequestTime}, policy::{Allowed, StopRuns}, runs::Runs};
    /// async fn stop(runs: Runs, allowed: StopRuns, asked: RequestTime, by: DeliveryId) {
    ///     let _stopped = runs.stop_runs(&allowed, asked, &by).await;
    /// }
    /// ```
    pub async fn stop_runs(
        &self,
        allowed: &Allowed<StopRuns>,
        asked: RequestTime,
        delivery: &DeliveryId,
    ) -> Result<u32, AppError> {
        let subject = allowed.subject().key();
        let request = StopRequest {
            by: allowed.person().account().clone(),
            asked,
            delivery: delivery.clone(),
        };
        self.store
            .put_stop(&subject, &request, self.clock.now())
            .await?;
        let mut stopped = 0;
        for name in self.definitions.names() {
            for run in self.store.newest_runs(&subject, name, LOOK_BACK).await? {
                if let Stopped::Stopping = self.stop_run(&run, &request).await? {
                    stopped += 1;
                }
            }
        }
        Ok(stopped)
    }

    /// Ends one run, if the request means it: one that was allowed, or one on record because it was.
    pub(crate) async fn stop_run(
        &self,
        run: &Run,
        request: &StopRequest,
    ) -> Result<Stopped, AppError> {
        let now = self.clock.now();
        if run.finished().is_some() {
            // Nothing changes any more; only whether it was this request that ended it is asked.
            return Ok(run.clone().stop(request, now));
        }
        let stop = |run: &mut Run| (WasFinished::of(run), run.stop(request, now));
        let changed = self.store.change_run(&run.key(), stop).await?;
        let Some((run, (before, stopped))) = changed else {
            return Ok(Stopped::AlreadyOver);
        };
        run_log::ended(&run, before);
        Ok(stopped)
    }
}
