//! Ends whatever was asked for on a subject before: the stop is in force before it looks for what it ends, and on record
//! before it ends anything.

use domain::{
    Control, DeliveryId, DeliveryKey, Intent, Refusal, Reply, RequestTime, RunHead, RunKey,
    RunOrder, Say, StepName, StopRequest, SubjectKey, Verdict,
};
use engine::WhenBusy;
use policy::{Allowed, StopRuns};

use crate::{AppError, OpenDelivery, Runs, advance_run::Look};

/// What became of a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The record says what it has ended.
    Recorded,
    /// There was nothing to stop, which is not on record yet.
    Nothing,
    /// Another one deals with the same delivery: look again.
    Raced,
}

impl Runs {
    /// Puts in force what was `asked` by the `delivery`, and ends every run of the subject that was asked for before it. A
    /// start that comes late finds the request in force and is ended by that.
    ///
    /// ```
    /// # use {domain::{DeliveryId, RequestTime}, policy::{Allowed, StopRuns}, runs::{OpenDelivery, Runs}};
    /// async fn stop(
    ///     runs: Runs, allowed: Allowed<StopRuns>, asked: RequestTime, by: DeliveryId, mut record: OpenDelivery,
    /// ) {
    ///     let _stopped = runs.stop_runs(&allowed, asked, &by, &mut record).await;
    /// }
    /// ```
    ///
    /// Without permission there is no way in:
    ///
    /// ```compile_fail,E0308
    /// # use {domain::{DeliveryId, RequestTime}, policy::{Allowed, StopRuns}, runs::{OpenDelivery, Runs}};
    /// async fn stop(
    ///     runs: Runs, allowed: StopRuns, asked: RequestTime, by: DeliveryId, mut record: OpenDelivery,
    /// ) {
    ///     let _stopped = runs.stop_runs(&allowed, asked, &by, &mut record).await;
    /// }
    /// ```
    pub async fn stop_runs(
        &self,
        allowed: &Allowed<StopRuns>,
        asked: RequestTime,
        delivery: &DeliveryId,
        record: &mut OpenDelivery,
    ) -> Result<Stopped, AppError> {
        let subject = allowed.subject().key();
        let request = StopRequest {
            by: allowed.person().account().clone(),
            asked,
            delivery: delivery.clone(),
        };
        let now = self.clock().now();
        self.store().put_stop(&subject, &request, now).await?;
        let runs = self.unfinished(&subject, &request).await?;
        let waiting = self.waiting(&subject, &request).await?;
        let count = runs.len() + waiting.len();
        let note = format!("{count} unfinished runs are asked to stop");
        record.note(now, StepName::Capped, note);
        if count == 0 {
            return Ok(Stopped::Nothing);
        }
        let verdict = Verdict::Stopping {
            runs: runs.clone(),
            waiting: u32::try_from(waiting.len()).unwrap_or(u32::MAX),
        };
        if record.swap(self.store(), verdict, now).await?.is_err() {
            return Ok(Stopped::Raced);
        }
        self.end(&subject, &request, &runs).await?;
        Ok(Stopped::Recorded)
    }

    /// Goes on with a stop that is on `record`: it was allowed then, and what it ends is named there.
    pub async fn resume_stop(
        &self,
        subject: &SubjectKey,
        request: &StopRequest,
        record: &OpenDelivery,
    ) -> Result<Stopped, AppError> {
        let intent = record.read().and_then(|read| read.value().verdict.intent());
        let Some(Intent::Stop { runs, .. }) = intent else {
            return Err(AppError::Missing {
                what: "what the record says is stopped",
            });
        };
        self.end(subject, request, &runs).await?;
        Ok(Stopped::Recorded)
    }

    /// The runs that a request to stop means. Only the newest of a definition can be unfinished.
    async fn unfinished(
        &self,
        subject: &SubjectKey,
        request: &StopRequest,
    ) -> Result<Vec<RunKey>, AppError> {
        let mut found = Vec::new();
        for name in self.definitions.names() {
            let newest = self.store().newest_heads(subject, name, 1).await?;
            let meant =
                |head: &RunHead| head.finished().is_none() && request.covers(head.origin().asked());
            found.extend(newest.into_iter().filter(meant).map(|head| head.key()));
        }
        Ok(found)
    }

    /// The requests that wait and that a request to stop means.
    async fn waiting(
        &self,
        subject: &SubjectKey,
        request: &StopRequest,
    ) -> Result<Vec<RunOrder>, AppError> {
        let mut found = Vec::new();
        for name in self.definitions.names() {
            let newest = self.definitions.newest(name);
            if newest.is_none_or(|newest| newest.when_busy() == WhenBusy::Refuse) {
                continue;
            }
            let asks = self.store().asks(subject, name).await?;
            let meant = |order: &RunOrder| request.covers(order.origin.asked());
            found.extend(asks.into_iter().filter(meant));
        }
        Ok(found)
    }

    /// Refuses what waits, and ends what runs.
    async fn end(
        &self,
        subject: &SubjectKey,
        request: &StopRequest,
        runs: &[RunKey],
    ) -> Result<(), AppError> {
        for order in self.waiting(subject, request).await? {
            self.refuse_waiting(&order).await?;
        }
        for run in runs {
            let control = Control::Stop(request.clone());
            self.look(run, Look::Ending(control)).await?;
        }
        Ok(())
    }

    /// Refuses a request that waits. One that starts just now is ended by the stop in force.
    async fn refuse_waiting(&self, order: &RunOrder) -> Result<(), AppError> {
        let (store, now) = (self.store(), self.clock().now());
        let Some(key) = delivery_of(order) else {
            return self.forget_ask(order).await;
        };
        let Some(read) = store.versioned_delivery(&key, now).await? else {
            return self.forget_ask(order).await;
        };
        if let Verdict::Waiting { .. } = read.value().verdict {
            let verdict = Verdict::Refused {
                refusal: Refusal::Stopped,
                reply: Some(Box::new(reply_to(order))),
            };
            let next = read.value().clone();
            let mut record = OpenDelivery::new(Some(read), next);
            if record.swap(store, verdict, now).await?.is_err() {
                return Ok(());
            }
        } else if read.value().verdict.intent().is_some() {
            return Ok(());
        }
        self.forget_ask(order).await
    }
}

/// The delivery whose request it is, if one brought it.
pub(crate) fn delivery_of(order: &RunOrder) -> Option<DeliveryKey> {
    let id = order.origin.delivery()?.clone();
    Some(DeliveryKey::by(order.subject.connection(), id))
}

/// Where the person who asked is told.
pub(crate) fn reply_to(order: &RunOrder) -> Reply {
    Reply {
        subject: order.subject.clone(),
        message: order.origin.message(),
        request: order.origin.idempotency_key(),
        asked_at: order.origin.asked().at(),
        say: Say::Words,
    }
}
