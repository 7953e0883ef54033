//! Starts a run, if no other one of its definition is unfinished on the subject: the delivery's record names the place, then
//! the head is put there, then the run advances.

use domain::{
    CodeTarget, CommitSha, DefinitionRef, Intent, Origin, Refusal, RunHead, RunId, RunKey,
    RunOrder, RunSequence, Start, StepName, Subject, Verdict,
};
use engine::WhenBusy;
use policy::{Allowed, StartRun};
use store::{Brief, HeadWritten};

use crate::{AppError, OpenDelivery, Runs, advance_run::Look, find_place::Place, run_log};

/// How often to look again when somebody else was quicker.
const TRIES: usize = 5;
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Started {
    /// The record says where it runs, or that it waits.
    Recorded,
    /// It does not run, for this reason, which is not on record yet.
    Refused(Refusal),
    /// Another one deals with the same delivery: look again.
    Raced,
}

impl Runs {
    /// Starts the run that was allowed, and puts on `record` where. Its place is the sequence number after the newest one,
    /// which must be over; of two that start at once, only one gets the number.
    ///
    /// ```
    /// # use {policy::{Allowed, StartRun}, runs::{OpenDelivery, Runs, StartRequest}};
    /// async fn start(runs: Runs, allowed: Allowed<StartRun>, request: StartRequest<'_>, mut record: OpenDelivery) {
    ///     let _started = runs.start_run(&allowed, request, &mut record).await;
    /// }
    /// ```
    ///
    /// Without permission there is no way in:
    ///
    /// ```compile_fail,E0308
    /// # use {policy::{Allowed, StartRun}, runs::{OpenDelivery, Runs, StartRequest}};
    /// async fn start(runs: Runs, allowed: StartRun, request: StartRequest<'_>, mut record: OpenDelivery) {
    ///     let _started = runs.start_run(&allowed, request, &mut record).await;
    /// }
    /// ```
    pub async fn start_run(
        &self,
        allowed: &Allowed<StartRun>,
        request: StartRequest<'_>,
        record: &mut OpenDelivery,
    ) -> Result<Started, AppError> {
        let now = self.clock().now();
        let order = RunOrder {
            id: RunId::mint(now, self.random.as_ref()),
            subject: allowed.subject().clone(),
            target: allowed.target().clone().at(request.revision.cloned()),
            definition: allowed.action().definition(),
            origin: request
                .origin
                .clone()
                .by(allowed.person().account().clone()),
        };
        Box::pin(self.find_and_start(order, Some(request.brief), record)).await
    }

    /// Goes on with a start that is on `record`: the run was allowed then, and its place is named there. Whatever is
    /// missing is done, and nothing else is decided.
    pub async fn resume_start(
        &self,
        (subject, target, origin): (&Subject, &CodeTarget, &Origin),
        brief: &Brief,
        record: &mut OpenDelivery,
    ) -> Result<Started, AppError> {
        let intent = record.read().and_then(|read| read.value().verdict.intent());
        let order = |start: &Start| RunOrder {
            id: start.id,
            subject: subject.clone(),
            target: target.clone().at(start.revision.clone()),
            definition: DefinitionRef {
                name: start.run.name,
                version: start.version,
            },
            origin: origin.clone(),
        };
        match intent {
            Some(Intent::Start(start)) => {
                let order = order(&start);
                self.put_brief(&order, brief).await?;
                Box::pin(self.start_at(order, start.run.sequence, record)).await
            }
            Some(Intent::Wait(start)) => {
                let order = order(&start);
                self.put_brief(&order, brief).await?;
                self.wait(order, record).await
            }
            Some(Intent::Stop { .. }) | None => Err(AppError::Missing {
                what: "the place that the record names",
            }),
        }
    }

    /// Finds a place, has the record name it, and starts the run there. `brief` is what is not stored yet.
    pub(crate) async fn find_and_start(
        &self,
        order: RunOrder,
        brief: Option<&Brief>,
        record: &mut OpenDelivery,
    ) -> Result<Started, AppError> {
        match self.find_place(&order).await? {
            Place::Same(there) => self.join(&there, record).await,
            Place::Free(sequence) => {
                if let Some(brief) = brief {
                    self.put_brief(&order, brief).await?;
                }
                let free = "no other run of this definition is unfinished here";
                record.note(self.clock().now(), StepName::Capped, free);
                record.note(self.clock().now(), StepName::Started, order.id.to_string());
                Box::pin(self.name_and_start(order, sequence, record)).await
            }
            Place::Busy(there) => {
                if let Some(brief) = brief
                    && self.when_busy(order.definition) == WhenBusy::Wait
                {
                    self.put_brief(&order, brief).await?;
                }
                Box::pin(self.busy(order, &there, record)).await
            }
            Place::Overtaken(there) => {
                let since = format!("{} was asked for since", there.id());
                record.note(self.clock().now(), StepName::Capped, since);
                let (name, run) = (there.definition().name, Box::new(there.key()));
                Ok(Started::Refused(Refusal::AskedAgain { name, run }))
            }
        }
    }

    /// The same request has a run already.
    async fn join(&self, there: &RunHead, record: &mut OpenDelivery) -> Result<Started, AppError> {
        let before = format!("{} exists from an attempt before", there.id());
        record.note(self.clock().now(), StepName::Started, before);
        let start = Box::new(Start {
            run: there.key(),
            id: there.id(),
            version: there.definition().version,
            revision: there.target().revision().cloned(),
        });
        if self.swap(record, Verdict::Starting { start }).await? {
            self.look(&there.key(), Look::Plain).await?;
            Ok(Started::Recorded)
        } else {
            Ok(Started::Raced)
        }
    }

    async fn name_and_start(
        &self,
        order: RunOrder,
        sequence: RunSequence,
        record: &mut OpenDelivery,
    ) -> Result<Started, AppError> {
        let start = start_of(&order, sequence);
        if self.swap(record, Verdict::Starting { start }).await? {
            Box::pin(self.start_at(order, sequence, record)).await
        } else {
            Ok(Started::Raced)
        }
    }

    /// Puts the head at the place that the record names. If another run has taken it, the record names the next one, or
    /// the request is one that finds the slot taken.
    pub(crate) async fn start_at(
        &self,
        order: RunOrder,
        mut sequence: RunSequence,
        record: &mut OpenDelivery,
    ) -> Result<Started, AppError> {
        for _ in 0..TRIES {
            let head = RunHead::put(order.clone(), sequence, self.clock().now());
            let there = match self.store().put_head(&head).await? {
                HeadWritten::Written => {
                    run_log::started(&head);
                    head
                }
                HeadWritten::Newer(there) => *there,
                HeadWritten::Gone => continue,
            };
            if is_of(&there, &order) {
                self.forget_ask(&order).await?;
                if there.finished().is_none() {
                    let key = there.key();
                    self.look(&key, Look::There(Box::new(there))).await?;
                }
                return Ok(Started::Recorded);
            }
            if there.finished().is_none() {
                return Box::pin(self.busy(order, &there, record)).await;
            }
            sequence = sequence.next();
            let start = start_of(&order, sequence);
            if !self.swap(record, Verdict::Starting { start }).await? {
                return Ok(Started::Raced);
            }
        }
        Err(AppError::Contended)
    }

    /// The slot is taken by another run.
    async fn busy(
        &self,
        order: RunOrder,
        there: &RunHead,
        record: &mut OpenDelivery,
    ) -> Result<Started, AppError> {
        let now = self.clock().now();
        if self.when_busy(order.definition) == WhenBusy::Refuse {
            let still = format!("{} is still unfinished", there.id());
            record.note(now, StepName::Capped, still);
            let (name, run) = (there.definition().name, Box::new(there.key()));
            return Ok(Started::Refused(Refusal::AlreadyRunning { name, run }));
        }
        let start = start_of(&order, there.sequence());
        if !record.says(&Verdict::Waiting {
            start: start.clone(),
        }) {
            record.note(now, StepName::Queued, format!("behind {}", there.id()));
            let waits = Verdict::Waiting {
                start: start.clone(),
            };
            if !self.swap(record, waits).await? {
                return Ok(Started::Raced);
            }
        }
        self.wait(order, record).await
    }

    /// Has a request wait that is on record to do so, unless the slot has become free: the run that held it may have ended in
    /// between, and looked for nobody.
    async fn wait(&self, order: RunOrder, record: &mut OpenDelivery) -> Result<Started, AppError> {
        let due_at = self.clock().now() + RunHead::SOON;
        self.store().put_ask(&order, due_at).await?;
        match self.find_place(&order).await? {
            Place::Busy(_) => Ok(Started::Recorded),
            Place::Free(sequence) => {
                record.note(self.clock().now(), StepName::Started, order.id.to_string());
                Box::pin(self.name_and_start(order, sequence, record)).await
            }
            Place::Same(there) => {
                self.forget_ask(&order).await?;
                self.join(&there, record).await
            }
            Place::Overtaken(there) => {
                self.forget_ask(&order).await?;
                let (name, run) = (there.definition().name, Box::new(there.key()));
                Ok(Started::Refused(Refusal::AskedAgain { name, run }))
            }
        }
    }

    async fn put_brief(&self, order: &RunOrder, brief: &Brief) -> Result<(), AppError> {
        let (subject, now) = (order.subject.key(), self.clock().now());
        Ok(self
            .store()
            .put_brief(&subject, order.id, brief, now)
            .await?)
    }

    /// A request that waited waits no longer.
    pub(crate) async fn forget_ask(&self, order: &RunOrder) -> Result<(), AppError> {
        if self.when_busy(order.definition) == WhenBusy::Refuse {
            return Ok(());
        }
        let (subject, name) = (order.subject.key(), order.definition.name);
        Ok(self.store().delete_ask(&subject, name, order.id).await?)
    }

    /// What a definition does with a request that finds another one at work.
    pub(crate) fn when_busy(&self, definition: DefinitionRef) -> WhenBusy {
        let found = self.definitions.get(definition);
        found.map_or(WhenBusy::Refuse, engine::Definition::when_busy)
    }

    async fn swap(&self, record: &mut OpenDelivery, verdict: Verdict) -> Result<bool, AppError> {
        let swapped = record.swap(self.store(), verdict, self.clock().now());
        Ok(swapped.await?.is_ok())
    }
}

fn start_of(order: &RunOrder, sequence: RunSequence) -> Box<Start> {
    Box::new(Start {
        run: RunKey {
            subject: order.subject.key(),
            name: order.definition.name,
            sequence,
        },
        id: order.id,
        version: order.definition.version,
        revision: order.target.revision().cloned(),
    })
}

/// Whether a head is what came of a request.
fn is_of(head: &RunHead, order: &RunOrder) -> bool {
    let key = order.origin.idempotency_key();
    head.id() == order.id || head.origin().idempotency_key() == key
}
