//! Starts a run, if no other one of its verb is unfinished on the ticket.

use domain::{
    Actor, DeliveryKey, Job, JobId, NewRun, Origin, Run, RunId, RunSequence, StepId, TraceId, Verb,
};
use store::Created;

use super::{Triage, request::Request};
use crate::{AppError, told};

/// How often to look again when somebody else was quicker.
const TRIES: usize = 5;
/// How many runs back the one is looked for that this delivery may have started before.
const LOOK_BACK: i32 = 5;

/// What is to be started.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) verb: Verb,
    pub(super) delivery: &'a DeliveryKey,
    pub(super) trace: &'a TraceId,
    pub(super) request: &'a Request,
}

/// What became of it.
#[derive(Debug)]
pub(super) enum Started {
    /// It is a new run.
    New(Run),
    /// This delivery started it before.
    Before(Run),
    /// Another run holds the place.
    Occupied(Run),
}

impl Triage {
    /// Starts a run. Its place is the sequence number after the newest one, which must be finished; of two
    /// that start at once, only one gets the number, and the other one finds the place occupied.
    pub(super) async fn start_run(
        &self,
        actor: &Actor,
        asked: Asked<'_>,
    ) -> Result<Started, AppError> {
        debug_assert_eq!(
            actor.tenant, asked.request.ticket.tenant,
            "a ticket of another tenant"
        );
        let ticket = asked.request.ticket.key();
        for _ in 0..TRIES {
            let newest = self
                .store
                .newest_runs(&ticket, asked.verb, LOOK_BACK)
                .await?;
            if let Some(mine) = newest
                .iter()
                .find(|run| run.origin.delivery == *asked.delivery)
            {
                return Ok(Started::Before(mine.clone()));
            }
            let sequence = match newest.into_iter().next() {
                Some(run) if run.finished().is_none() => return Ok(Started::Occupied(run)),
                Some(run) => run.sequence.next(),
                None => RunSequence::FIRST,
            };
            let run = self.new_run(asked, sequence);
            let brief = &asked.request.brief;
            self.store
                .put_brief(&ticket, run.id, brief, run.created_at)
                .await?;
            if let Created::New = self.store.create_run(&run).await? {
                told::started(&run);
                return Ok(Started::New(run));
            }
        }
        Err(AppError::Missing {
            what: "a free place for the run",
        })
    }

    fn new_run(&self, asked: Asked<'_>, sequence: RunSequence) -> Run {
        let (now, random) = (self.clock.now(), self.random.as_ref());
        let request = asked.request;
        let job = Job::queued(JobId::mint(now, random));
        let origin = Origin {
            delivery: asked.delivery.clone(),
            requester: request.sender.login.clone(),
            trigger: request.trigger,
            trace: asked.trace.clone(),
        };
        let new = NewRun {
            id: RunId::mint(now, random),
            step: StepId::mint(now, random),
            job,
            ticket: request.ticket.clone(),
            verb: asked.verb,
            sequence,
            origin,
        };
        Run::start(new, now)
    }
}
