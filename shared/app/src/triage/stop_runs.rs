//! Asks whatever is unfinished on a ticket to stop.

use domain::{Actor, Cancel, Principal, Stopped, TicketKey, Verb};

use super::Triage;
use crate::{
    AppError,
    told::{self, Over},
};

impl Triage {
    /// Asks every unfinished run of the ticket to stop, and says how many there were.
    pub(super) async fn stop_runs(
        &self,
        actor: &Actor,
        ticket: &TicketKey,
    ) -> Result<u32, AppError> {
        let cancel = match &actor.principal {
            Principal::Account { login, .. } => Cancel::Requested(login.clone()),
            Principal::Daemon { .. } | Principal::System => Cancel::Expired,
        };
        let mut stopped = 0;
        for verb in Verb::ALL {
            for run in self.store.newest_runs(ticket, verb, 1).await? {
                let now = self.clock.now();
                let stop = |run: &mut domain::Run| {
                    let before = Over::is(run);
                    (before, run.stop(cancel.clone(), now))
                };
                let changed = self.store.change_run(&run.key(), stop).await?;
                if let Some((run, (before, Stopped::Stopping))) = changed {
                    told::ended(&run, before);
                    stopped += 1;
                }
            }
        }
        Ok(stopped)
    }
}
