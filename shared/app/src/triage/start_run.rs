//! Starts a run, if no other one of its verb is unfinished on the ticket.

use domain::{
    Actor, CommitSha, DeliveryKey, Job, JobId, NewRun, Origin, Run, RunId, RunSequence, StepId,
    TraceId, Verb,
};
use jiff::SignedDuration;
use store::Created;

use super::{Triage, request::Request};
use crate::{AppError, told};

/// How often to look again when somebody else was quicker.
const TRIES: usize = 5;
/// How far the provider's clock may be ahead of ours. A run that was started so much before the request was made
/// cannot be what came of it, nor any older one.
const CLOCKS: SignedDuration = SignedDuration::from_mins(15);

/// What is to be started.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) verb: Verb,
    pub(super) delivery: &'a DeliveryKey,
    pub(super) trace: &'a TraceId,
    pub(super) request: &'a Request,
    /// What to work on, where it is a pull request.
    pub(super) revision: Option<&'a CommitSha>,
}

/// What became of it.
#[derive(Debug)]
pub(super) enum Started {
    /// It is a new run.
    New(Run),
    /// The same request started it before, by this delivery or another one.
    Before(Run),
    /// Another run holds the place.
    Occupied(Run),
    /// The same was asked for again since, and this is the run of that.
    Overtaken(Run),
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
        let request = asked.request;
        let since = request.asked.at() - CLOCKS;
        for _ in 0..TRIES {
            let runs = self.store.runs_since(&ticket, asked.verb, since).await?;
            if let Some(settled) = settled(&runs, asked) {
                return Ok(settled);
            }
            let sequence = runs
                .first()
                .map_or(RunSequence::FIRST, |run| run.sequence.next());
            let run = self.new_run(asked, sequence);
            self.store
                .put_brief(&ticket, run.id, &request.brief, run.created_at)
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
            asked: request.asked,
            trace: asked.trace.clone(),
        };
        let new = NewRun {
            id: RunId::mint(now, random),
            step: StepId::mint(now, random),
            job,
            ticket: request.ticket.clone(),
            verb: asked.verb,
            sequence,
            revision: asked.revision.cloned(),
            origin,
        };
        Run::start(new, now)
    }
}

/// What the runs that are there say of the request, if it starts no other one.
fn settled(runs: &[Run], asked: Asked<'_>) -> Option<Started> {
    let Request { trigger, asked, .. } = asked.request;
    let same = |run: &&Run| run.origin.is_request(*trigger, asked);
    let later = |run: &&Run| run.origin.asked.is_after(asked);
    let unfinished = |run: &&Run| run.finished().is_none();
    let newest = runs.first().filter(unfinished);
    if let Some(run) = runs.iter().find(same) {
        Some(Started::Before(run.clone()))
    } else if let Some(run) = runs.iter().find(later) {
        Some(Started::Overtaken(run.clone()))
    } else {
        newest.cloned().map(Started::Occupied)
    }
}
