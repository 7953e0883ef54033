//! The head of a run in one item of less than a kilobyte, so that a commit is one write unit.

use domain::{
    Control, DeliveryId, HeadParts, HeadState, HeadVersion, NodePath, RunHead, RunKey, RunOrder,
    StepRef, StopRequest,
};
use serde::{Deserialize, Serialize};

use super::{
    DueRecord, FinishedRecord, OrderRecord, RequestTimeRecord, RequesterRecord, WrongRecord,
    check_shape, from_millis, to_millis,
};
use crate::keys::{Name, runs_of_tenant};

/// The version of this shape.
const SHAPE: u32 = 1;

/// A head as it is stored. What the key says is not said again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HeadRecord {
    shape: u32,
    /// Grows with every commit; a commit states the one that it has seen.
    version: u64,
    /// Tells this write from another one of the same content: only its own writer knows it.
    write: u32,
    #[serde(flatten)]
    order: OrderRecord,
    at: i64,
    deadline: i64,
    state: StateRecord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    control: Option<ControlRecord>,
    #[serde(flatten)]
    due: DueRecord,
    /// The entry by which the run is found and listed within its tenant. It never changes.
    list: String,
    list_id: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum StateRecord {
    Unbegun,
    Waiting { path: NodePath, attempt: u32 },
    Closing { path: NodePath, attempt: u32 },
    Over { end: Box<FinishedRecord> },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum ControlRecord {
    Stop {
        by: RequesterRecord,
        asked: RequestTimeRecord,
        delivery: DeliveryId,
    },
    Deadline,
}

impl HeadRecord {
    /// The record of `head`, as that write of it.
    pub(crate) fn of(head: &RunHead, write: u32) -> Self {
        let key = Name::Run(head.key()).key();
        let parts = head.parts();
        Self {
            shape: SHAPE,
            version: parts.version.0,
            write,
            order: OrderRecord::of(&head.order()),
            at: to_millis(parts.created_at),
            deadline: to_millis(parts.deadline),
            state: StateRecord::of(&parts.state),
            control: parts.control.as_ref().map(ControlRecord::of),
            due: DueRecord::of(&key, parts.due_at),
            list: runs_of_tenant(parts.subject.tenant()),
            list_id: parts.id.to_string(),
        }
    }

    /// The head that the record under `key` stands for.
    pub(crate) fn into_head(self, key: &RunKey) -> Result<RunHead, WrongRecord> {
        check_shape(self.shape, SHAPE)?;
        let RunOrder {
            id,
            subject,
            target,
            definition,
            origin,
        } = self.order.into_order(key)?;
        let parts = HeadParts {
            id,
            subject,
            target,
            definition,
            sequence: key.sequence,
            origin,
            created_at: from_millis(self.at)?,
            deadline: from_millis(self.deadline)?,
            version: HeadVersion(self.version),
            state: self.state.into_state()?,
            control: self.control.map(ControlRecord::into_control).transpose()?,
            due_at: self.due.into_time()?,
        };
        if self.list != runs_of_tenant(key.subject.tenant()) || self.list_id != parts.id.to_string()
        {
            return Err(WrongRecord::Nonsense("listed as another run".to_owned()));
        }
        Ok(RunHead::from_parts(parts)?)
    }
}

impl StateRecord {
    fn of(state: &HeadState) -> Self {
        match state {
            HeadState::Unbegun => Self::Unbegun,
            HeadState::Waiting(StepRef { path, attempt }) => Self::Waiting {
                path: path.clone(),
                attempt: *attempt,
            },
            HeadState::Closing(StepRef { path, attempt }) => Self::Closing {
                path: path.clone(),
                attempt: *attempt,
            },
            HeadState::Over(finished) => Self::Over {
                end: Box::new(FinishedRecord::of(finished)),
            },
        }
    }

    fn into_state(self) -> Result<HeadState, WrongRecord> {
        Ok(match self {
            Self::Unbegun => HeadState::Unbegun,
            Self::Waiting { path, attempt } => HeadState::Waiting(StepRef { path, attempt }),
            Self::Closing { path, attempt } => HeadState::Closing(StepRef { path, attempt }),
            Self::Over { end } => HeadState::Over(Box::new(end.into_finished()?)),
        })
    }
}

impl ControlRecord {
    fn of(control: &Control) -> Self {
        match control {
            Control::Stop(request) => Self::Stop {
                by: RequesterRecord::of(&request.by),
                asked: RequestTimeRecord::of(&request.asked),
                delivery: request.delivery.clone(),
            },
            Control::Deadline => Self::Deadline,
        }
    }

    fn into_control(self) -> Result<Control, WrongRecord> {
        Ok(match self {
            Self::Stop {
                by,
                asked,
                delivery,
            } => Control::Stop(StopRequest {
                by: by.into_requester(),
                asked: asked.into_time()?,
                delivery,
            }),
            Self::Deadline => Control::Deadline,
        })
    }
}
