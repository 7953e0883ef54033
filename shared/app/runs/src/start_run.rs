//! Starts a run, if no other one of its definition is unfinished on the subject.

use domain::{CommitSha, Job, JobId, NewRun, Origin, Run, RunId, RunSequence, StepId};
use jiff::SignedDuration;
use policy::{Allowed, StartRun};
use store::{Brief, Created};

use crate::{AppError, Runs, run_log};

/// How often to look again when somebody else was quicker.
const TRIES: usize = 5;
/// How far the provider's clock may be ahead of ours. A run that was started so much before the request was made
/// cannot be what came of it, nor any older one.
const CLOCKS: SignedDuration = SignedDuration::from_mins(15);

/// What led to a run that is to be started. Its definition, its subject, its code and who asked are what was allowed.
#[derive(Clone, Copy, Debug)]
pub struct StartRequest<'a> {
    /// What caused it.
    pub origin: &'a Origin,
    /// The commit to work on, where it is a pull request.
    pub revision: Option<&'a CommitSha>,
    /// What was asked, as it was then.
    pub brief: &'a Brief,
}

/// What became of it.
#[derive(Debug)]
pub enum Started {
    /// It is a new run.
    New(Run),
    /// The same request started it before, by this delivery or another one.
    AlreadyStarted(Run),
    /// Another run of this definition is unfinished.
    Busy(Run),
    /// The same was asked for again since, and this is the run of that.
    Overtaken(Run),
}

impl Runs {
    /// Starts the run that was allowed. Its place is the sequence number after the newest one, which must be finished; of two
    /// that start at once, only one gets the number, and the other one finds the place taken.
    ///
    /// ```
    /// # use {policy::{Allowed, StartRun}, runs::{Runs, StartRequest}};
    /// async fn start(runs: Runs, allowed: Allowed<StartRun>, request: StartRequest<'_>) {
    ///     let _started = runs.start_run(&allowed, request).await;
    /// }
    /// ```
    ///
    /// Without permission there is no way in:
    ///
    /// ```compile_fail,E0308
    /// # use {policy::{Allowed, StartRun}, runs::{Runs, StartRequest}};
    /// async fn start(runs: Runs, allowed: StartRun, request: StartRequest<'_>) {
    ///     let _started = runs.start_run(&allowed, request).await;
    /// }
    /// ```
    pub async fn start_run(
        &self,
        allowed: &Allowed<StartRun>,
        request: StartRequest<'_>,
    ) -> Result<Started, AppError> {
        let (subject, definition) = (allowed.subject().key(), allowed.action().definition());
        let since = request.origin.asked().at() - CLOCKS;
        for _ in 0..TRIES {
            let runs = self
                .store
                .runs_since(&subject, definition.name, since)
                .await?;
            if let Some(settled) = settled(&runs, request.origin) {
                return Ok(settled);
            }
            let sequence = runs
                .first()
                .map_or(RunSequence::FIRST, |run| run.sequence.next());
            let run = self.new_run(allowed, request, sequence);
            self.store
                .put_brief(&subject, run.id, request.brief, run.created_at)
                .await?;
            if let Created::New = self.store.create_run(&run).await? {
                run_log::started(&run);
                return Ok(Started::New(run));
            }
        }
        Err(AppError::Missing {
            what: "a free place for the run",
        })
    }

    fn new_run(
        &self,
        allowed: &Allowed<StartRun>,
        request: StartRequest<'_>,
        sequence: RunSequence,
    ) -> Run {
        let (now, random) = (self.clock.now(), self.random.as_ref());
        let new = NewRun {
            id: RunId::mint(now, random),
            step: StepId::mint(now, random),
            job: Job::queued(JobId::mint(now, random)),
            subject: allowed.subject().clone(),
            target: allowed.target().clone().at(request.revision.cloned()),
            definition: allowed.action().definition(),
            sequence,
            origin: request
                .origin
                .clone()
                .by(allowed.person().account().clone()),
        };
        Run::start(new, now)
    }
}

/// What the runs that are there say of a request from `origin`, if it starts no other one.
fn settled(runs: &[Run], origin: &Origin) -> Option<Started> {
    let key = origin.idempotency_key();
    let same = |run: &&Run| run.origin.idempotency_key() == key;
    let later = |run: &&Run| run.origin.asked().is_after(origin.asked());
    let unfinished = |run: &&Run| run.finished().is_none();
    let newest = runs.first().filter(unfinished);
    if let Some(run) = runs.iter().find(same) {
        Some(Started::AlreadyStarted(run.clone()))
    } else if let Some(run) = runs.iter().find(later) {
        Some(Started::Overtaken(run.clone()))
    } else {
        newest.cloned().map(Started::Busy)
    }
}
