//! Ends whatever was asked for on a ticket before.

use domain::{Actor, Run, StopRequest, Stopped, TicketKey};

use crate::{
    AppError, Runs,
    run_log::{self, WasFinished},
};

/// How many runs of a definition are looked at: the newest may be at work, and others may have been stopped by an
/// earlier pass over the same request.
const LOOK_BACK: i32 = 5;

impl Runs {
    /// Puts the request in force, ends every run of the ticket that was asked for before it, and says how many
    /// it has ended, in this pass or an earlier one. A start that comes late finds the request in force and
    /// is ended by that.
    pub async fn stop_runs(
        &self,
        actor: &Actor,
        ticket: &TicketKey,
        request: &StopRequest,
    ) -> Result<u32, AppError> {
        debug_assert_eq!(actor.tenant, ticket.tenant, "a ticket of another tenant");
        self.store
            .put_stop(ticket, request, self.clock.now())
            .await?;
        let mut stopped = 0;
        for name in self.definitions.names() {
            for run in self.store.newest_runs(ticket, name, LOOK_BACK).await? {
                if let Stopped::Stopping = self.stop_run(&run, request).await? {
                    stopped += 1;
                }
            }
        }
        Ok(stopped)
    }

    /// Ends one run, if the request means it.
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
