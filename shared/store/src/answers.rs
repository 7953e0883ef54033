//! How many words are spent on people who may not ask.

use domain::{AccountId, Connection, DeliveryId, SubjectKey};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    item::{Condition, Put, item, record},
    keys::Name,
};

/// How long a person counts as told.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long a minute's answer is remembered, at least.
const SLOT_KEPT: SignedDuration = SignedDuration::from_hours(1);

/// Whose refusal was answered, by the delivery that got the answer.
#[derive(Debug, Serialize, Deserialize)]
struct AnswerRecord {
    delivery: DeliveryId,
    ttl: i64,
}

/// Whether a refusal is to be answered with words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoken {
    /// It is: nobody has used this up.
    Now,
    /// Another one was.
    Before,
}

impl Store {
    /// Uses up the one answer that a person without rights gets on a subject.
    pub async fn answer_person(
        &self,
        subject: &SubjectKey,
        account: AccountId,
        delivery: &DeliveryId,
        now: Timestamp,
    ) -> Result<Spoken, StoreError> {
        let name = Name::Answered(subject.clone(), account);
        self.answer(&name, delivery, now + KEPT).await
    }

    /// Uses up the one answer to people without rights that goes out by a connection in a minute, so that none of
    /// what may be written by it in an hour is theirs.
    pub async fn answer_stranger(
        &self,
        connection: &Connection,
        delivery: &DeliveryId,
        now: Timestamp,
    ) -> Result<Spoken, StoreError> {
        let name = Name::Slot {
            tenant: connection.tenant().clone(),
            connection: connection.id(),
            minute: u64::try_from(now.as_second() / 60).unwrap_or_default(),
        };
        self.answer(&name, delivery, now + SLOT_KEPT).await
    }

    async fn answer(
        &self,
        name: &Name,
        delivery: &DeliveryId,
        until: Timestamp,
    ) -> Result<Spoken, StoreError> {
        let answer = AnswerRecord {
            delivery: delivery.clone(),
            ttl: until.as_second(),
        };
        let put = self.put(item(&name.key(), &answer)?, Condition::absent());
        let Put::Refused(Some(there)) = put.await? else {
            return Ok(Spoken::Now);
        };
        let there: AnswerRecord = record(there)?;
        // The same delivery once more, after a crash.
        Ok(if there.delivery == *delivery {
            Spoken::Now
        } else {
            Spoken::Before
        })
    }
}
