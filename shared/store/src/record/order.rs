//! What a run is for, as heads and waiting requests keep it.

use domain::{DefinitionRef, RunId, RunKey, RunOrder};
use serde::{Deserialize, Serialize};

use super::{
    WrongRecord,
    origin::OriginRecord,
    target::{SubjectRecord, TargetRecord, subject_and_target},
};

/// What a run is for. What the key says is not said again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OrderRecord {
    id: RunId,
    definition: u32,
    subject: SubjectRecord,
    target: TargetRecord,
    origin: OriginRecord,
}

impl OrderRecord {
    pub(crate) fn of(order: &RunOrder) -> Self {
        Self {
            id: order.id,
            definition: order.definition.version,
            subject: SubjectRecord::of(&order.subject, &order.target),
            target: TargetRecord::of(&order.target, &order.subject),
            origin: OriginRecord::of(&order.origin),
        }
    }

    /// What it stands for under a key that names the subject and the definition.
    pub(crate) fn into_order(self, key: &RunKey) -> Result<RunOrder, WrongRecord> {
        let (subject, target) = subject_and_target(self.subject, self.target, &key.subject);
        Ok(RunOrder {
            id: self.id,
            subject,
            target,
            definition: DefinitionRef {
                name: key.name,
                version: self.definition,
            },
            origin: self.origin.into_origin()?,
        })
    }
}
