//! Tells a person why their request was refused.

use domain::{Delivery, DeliveryKey, Marker, Refusal, Reply, Say, Verdict};
use ports::{ProviderError, Sign};

use crate::{
    Relay, StreamRecord, relay::slack_before, report_run::too_slow, tellers, telling::Telling,
};
use runs::{AppError, run_log::record_delivery_ids};

impl Relay {
    /// Answers a refused request once, where it was made. An answer stays due until it was told: what is not
    /// told now, for whatever reason of the provider's, is offered again by the scheduler, and others in the stream do not
    /// wait for it.
    pub async fn reply_refusal(&self, record: &StreamRecord<DeliveryKey>) -> Result<(), AppError> {
        let key = record.key();
        let answering = Box::pin(self.reply_now(key));
        let answered = tokio::time::timeout(Self::TIME, answering).await;
        match answered.unwrap_or_else(|_| Err(too_slow().into())) {
            Err(AppError::Provider(error)) => {
                leave(key, &error);
                Ok(())
            }
            done => done,
        }
    }

    /// Leaves an answer due that a batch has no time left for.
    pub fn leave_reply(record: &StreamRecord<DeliveryKey>) {
        leave(record.key(), &too_slow());
    }

    async fn reply_now(&self, key: &DeliveryKey) -> Result<(), AppError> {
        let Some(delivery) = self.store.delivery(key, self.clock.now()).await? else {
            return Ok(());
        };
        record_delivery_ids(&delivery);
        let Verdict::Refused {
            refusal,
            reply: Some(reply),
        } = &delivery.verdict
        else {
            return Ok(());
        };
        match reply.say {
            Say::Sign if self.signs.allow(self.clock.now()) => {
                self.react(&reply.subject, reply.message, Sign::Declined)
                    .await;
                Ok(())
            }
            Say::Words if delivery.due_at.is_some() => {
                self.say_why(&delivery, refusal, reply).await
            }
            Say::Sign | Say::Words => Ok(()),
        }
    }

    async fn say_why(
        &self,
        delivery: &Delivery,
        refusal: &Refusal,
        reply: &Reply,
    ) -> Result<(), AppError> {
        match self.answer(delivery, refusal, reply).await {
            Ok(()) => {
                tracing::info!(metric.CommentsWritten = 1_u64, "a refusal was answered");
                if reply.message.is_some() {
                    self.react(&reply.subject, reply.message, Sign::NotAsAsked)
                        .await;
                }
            }
            Err(error) if error.is_final() => {
                // It may take one later: the scheduler sees to it for a day.
                tracing::warn!(
                    metric.CommentsRefused = 1_u64,
                    %error,
                    "the provider takes no answer there now"
                );
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
        let told = Delivery {
            due_at: None,
            ..delivery.clone()
        };
        Ok(self.store.move_answer(&told).await?)
    }

    async fn answer(
        &self,
        delivery: &Delivery,
        refusal: &Refusal,
        reply: &Reply,
    ) -> Result<(), ProviderError> {
        let subject = &reply.subject;
        // One request has one answer, whatever deliveries bring it: their ids are covered by no signature.
        let marker = match reply.message {
            Some(message) => Marker::Message(message),
            None => Marker::Request(reply.request.clone()),
        };
        let telling = Telling::Refusal {
            refusal,
            marker: &marker,
        };
        let text = tellers::text(subject.provider(), &telling);
        let since = slack_before(delivery.received_at.min(reply.asked_at));
        let found = self.conversation.find(subject, &marker, since);
        if let Some(there) = found.await? {
            return self.conversation.edit(subject, there, &text).await;
        }
        self.conversation.say(subject, &text).await.map(drop)
    }
}

fn leave(key: &DeliveryKey, why: &ProviderError) {
    tracing::warn!(
        metric.TellingPutOff = 1_u64,
        error = %why,
        ?key,
        "an answer cannot be given now, and is given later"
    );
}
