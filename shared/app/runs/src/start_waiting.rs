//! Starts the request that has waited for longest, once the slot is free.

use domain::{
    DefinitionName, DefinitionRef, Intent, RunHead, RunId, RunOrder, SubjectKey, Verdict,
};
use engine::WhenBusy;
use jiff::SignedDuration;
use policy::Tick;

use crate::{
    AppError, OpenDelivery, Resumed, Runs, Started,
    stop_runs::{delivery_of, reply_to},
};

/// The longest wait between two looks at a request that waits.
const LONGEST: SignedDuration = SignedDuration::from_mins(15);

impl Runs {
    /// Looks at a request that waits and is due. What its delivery's record says holds: the request itself names no place.
    pub async fn resume_waiting(
        &self,
        _tick: &Tick,
        (subject, name, id): (&SubjectKey, DefinitionName, RunId),
    ) -> Result<Resumed, AppError> {
        let Some(order) = self.store().ask(subject, name, id).await? else {
            return Ok(Resumed::NotDue);
        };
        Box::pin(self.start_waiting(order)).await?;
        Ok(Resumed::Settled)
    }

    /// Starts what waits for the slot of a run that has ended, if anything does.
    pub(crate) async fn start_next(
        &self,
        subject: &SubjectKey,
        definition: DefinitionRef,
    ) -> Result<(), AppError> {
        if self.when_busy(definition) == WhenBusy::Refuse {
            return Ok(());
        }
        let asks = self.store().asks(subject, definition.name).await?;
        match asks.into_iter().next() {
            Some(order) => Box::pin(self.start_waiting(order)).await,
            None => Ok(()),
        }
    }

    async fn start_waiting(&self, order: RunOrder) -> Result<(), AppError> {
        let now = self.clock().now();
        let read = match delivery_of(&order) {
            Some(key) => self.store().versioned_delivery(&key, now).await?,
            None => None,
        };
        let Some(read) = read else {
            // Nobody decides on it any more.
            return self.forget_ask(&order).await;
        };
        let intent = read.value().verdict.intent();
        let next = read.value().clone();
        let mut record = OpenDelivery::new(Some(read), next);
        let started = match intent {
            Some(Intent::Wait(_)) => {
                Box::pin(self.find_and_start(order.clone(), None, &mut record)).await?
            }
            Some(Intent::Start(start)) => {
                Box::pin(self.start_at(order.clone(), start.run.sequence, &mut record)).await?
            }
            Some(Intent::Stop { .. }) | None => return self.forget_ask(&order).await,
        };
        if let Started::Refused(refusal) = started {
            let reply = Some(Box::new(reply_to(&order)));
            let verdict = Verdict::Refused { refusal, reply };
            if record.swap(self.store(), verdict, now).await?.is_ok() {
                return self.forget_ask(&order).await;
            }
        }
        // It may wait on: it is looked at again, less and less often.
        let waited = now.duration_since(order.origin.asked().at());
        let wait = waited.clamp(RunHead::SOON, LONGEST);
        Ok(self.store().move_ask(&order, now + wait).await?)
    }
}
