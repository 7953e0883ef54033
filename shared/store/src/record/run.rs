//! Run, step and job in one item of less than a kilobyte, so that each transition is one write unit.

use domain::{
    Cancel, DefinitionRef, DeliveryId, JobId, MessageId, Run, RunId, RunKey, Step, StepId, Tracking,
};
use serde::{Deserialize, Serialize};

use super::{
    from_millis,
    job::{StateRecord, lost},
    origin::{OriginRecord, RequesterRecord},
    shard,
    target::{SubjectRecord, TargetRecord, subject_and_target},
    to_millis,
};
use crate::keys::Name;

/// The shape's version, for readers of later days.
const SHAPE: u32 = 1;

/// A run as it is stored. What the key says is not said again.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunRecord {
    pk: Option<String>,
    sk: Option<String>,
    shape: u32,
    /// Grows with every write; a write states the one it has seen.
    pub(crate) version: u64,
    /// Tells this write from another one of the same content: only its own writer knows it.
    write: u32,
    id: RunId,
    step: StepId,
    job: JobId,
    definition: u32,
    subject: SubjectRecord,
    target: TargetRecord,
    origin: OriginRecord,
    at: i64,
    deadline: i64,
    state: StateRecord,
    /// How many leases were lost, unless it is one less than there were.
    #[serde(skip_serializing_if = "Option::is_none")]
    lost: Option<u32>,
    /// How many machines were unfit, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    unfit: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancel: Option<CancelRecord>,
    told: ToldRecord,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<MessageId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_shard: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<i64>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
enum CancelRecord {
    Requested {
        by: RequesterRecord,
        delivery: DeliveryId,
    },
    Expired,
}

impl CancelRecord {
    fn of(cancel: &Cancel) -> Self {
        match cancel {
            Cancel::Requested { by, delivery } => Self::Requested {
                by: RequesterRecord::of(by),
                delivery: delivery.clone(),
            },
            Cancel::Expired => Self::Expired,
        }
    }

    fn into_cancel(self) -> Cancel {
        match self {
            Self::Requested { by, delivery } => Cancel::Requested {
                by: by.into_requester(),
                delivery,
            },
            Self::Expired => Cancel::Expired,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ToldRecord {
    Silent,
    Announced,
    Reported,
    Unreachable,
}

impl RunRecord {
    /// The record of `run` at `version`, as written by `write`.
    pub(crate) fn of(run: &Run, version: u64, write: u32) -> Self {
        let (told, message) = match run.tracking {
            Tracking::Silent => (ToldRecord::Silent, None),
            Tracking::Announced(message) => (ToldRecord::Announced, Some(message)),
            Tracking::Reported(message) => (ToldRecord::Reported, Some(message)),
            Tracking::Unreachable => (ToldRecord::Unreachable, None),
        };
        Self {
            pk: None,
            sk: None,
            shape: SHAPE,
            version,
            write,
            id: run.id,
            step: run.step.id,
            job: run.step.job.id,
            definition: run.definition.version,
            subject: SubjectRecord::of(&run.subject, &run.target),
            target: TargetRecord::of(&run.target, &run.subject),
            origin: OriginRecord::of(&run.origin),
            at: to_millis(run.created_at),
            deadline: to_millis(run.deadline),
            state: StateRecord::of(&run.step.job.state),
            lost: lost(&run.step.job),
            unfit: Some(run.step.job.leases.unfit).filter(|unfit| *unfit > 0),
            cancel: run.cancel.as_ref().map(CancelRecord::of),
            told,
            message,
            due_shard: run.due_at.map(|_| shard(&Name::Run(run.key()).key())),
            due_at: run.due_at.map(to_millis),
        }
    }

    fn check(&self) -> Result<(), String> {
        if self.shape != SHAPE {
            return Err(format!("shape {} is not {SHAPE}", self.shape));
        }
        if self.due_shard.is_some() != self.due_at.is_some() {
            return Err("half a due time".to_owned());
        }
        Ok(())
    }

    /// The run that the record under `key` stands for.
    pub(crate) fn into_run(self, key: &RunKey) -> Result<Run, String> {
        self.check()?;
        let Self {
            pk: _,
            sk: _,
            shape: _,
            version: _,
            write: _,
            id,
            step,
            job,
            definition,
            subject,
            target,
            origin,
            at,
            deadline,
            state,
            lost,
            unfit,
            cancel,
            told,
            message,
            due_shard: _,
            due_at,
        } = self;
        let (subject, target) = subject_and_target(subject, target, &key.subject);
        Ok(Run {
            id,
            subject,
            target,
            definition: DefinitionRef {
                name: key.name,
                version: definition,
            },
            sequence: key.sequence,
            origin: origin.into_origin()?,
            created_at: from_millis(at)?,
            deadline: from_millis(deadline)?,
            step: Step {
                id: step,
                job: state.into_job(job, lost, unfit)?,
            },
            cancel: cancel.map(CancelRecord::into_cancel),
            tracking: tracking(told, message)?,
            due_at: due_at.map(from_millis).transpose()?,
        })
    }
}

fn tracking(told: ToldRecord, message: Option<MessageId>) -> Result<Tracking, String> {
    match (told, message) {
        (ToldRecord::Silent, None) => Ok(Tracking::Silent),
        (ToldRecord::Announced, Some(message)) => Ok(Tracking::Announced(message)),
        (ToldRecord::Reported, Some(message)) => Ok(Tracking::Reported(message)),
        (ToldRecord::Unreachable, None) => Ok(Tracking::Unreachable),
        (told, message) => Err(format!("told {told:?} with message {message:?}")),
    }
}
