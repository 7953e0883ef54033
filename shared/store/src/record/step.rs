//! A step attempt, in an item of its own.

use domain::{
    DaemonId, Fence, GiveBack, HeadVersion, JobId, Lease, Leases, StepAttempt, StepParts, StepState,
};
use serde::{Deserialize, Serialize};

use super::{DueRecord, FinishedRecord, WrongRecord, check_shape, from_millis, to_millis};
use crate::{
    StoreError,
    item::{Item, item, record},
    keys::{Key, Name},
    versioned::{SwapRecord, Versioned, WriteStamp},
};

/// The version of this shape.
const SHAPE: u32 = 1;

/// A step attempt as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StepRecord {
    shape: u32,
    version: u64,
    write: u32,
    job: JobId,
    /// The version of the head on which it was prepared.
    basis: u64,
    state: StateRecord,
    fence: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    lost: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    unfit: u32,
    #[serde(flatten)]
    due: DueRecord,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum StateRecord {
    Queued {
        resends: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<GiveBackRecord>,
    },
    Delayed {
        resends: u32,
        why: GiveBackRecord,
        until: i64,
    },
    Running {
        daemon: DaemonId,
        from: i64,
        until: i64,
    },
    Closed {
        end: Box<FinishedRecord>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum GiveBackRecord {
    Shutdown,
    Environment,
    ModelLimited,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl SwapRecord for StepRecord {
    type Value = StepAttempt;

    fn item(key: &Key, step: &StepAttempt, stamp: WriteStamp) -> Result<Item, StoreError> {
        item(key, &Self::of(key, step, stamp))
    }

    fn read(name: &Name, item: Item) -> Result<Versioned<StepAttempt>, StoreError> {
        let key = name.key();
        let Name::Step(_, id) = name else {
            return Err(WrongRecord::Nonsense("not a step's key".to_owned()).at(&key));
        };
        let record: Self = record(item)?;
        let version = record.version;
        let parts = record
            .into_parts(id.clone())
            .map_err(|wrong| wrong.at(&key))?;
        let step = StepAttempt::from_parts(parts);
        let step = step.map_err(|error| WrongRecord::from(error).at(&key))?;
        Ok(Versioned::new(step, version))
    }
}

impl StepRecord {
    fn of(key: &Key, step: &StepAttempt, stamp: WriteStamp) -> Self {
        Self {
            shape: SHAPE,
            version: stamp.version,
            write: stamp.write,
            job: step.job(),
            basis: step.basis().0,
            state: StateRecord::of(step.state()),
            fence: step.fence().0,
            lost: step.leases().lost,
            unfit: step.leases().unfit,
            due: DueRecord::of(key, step.due_at()),
        }
    }

    fn into_parts(self, id: domain::StepRef) -> Result<StepParts, WrongRecord> {
        check_shape(self.shape, SHAPE)?;
        let fence = Fence(self.fence);
        Ok(StepParts {
            id,
            job: self.job,
            basis: HeadVersion(self.basis),
            state: self.state.into_state(fence)?,
            fence,
            leases: Leases {
                lost: self.lost,
                unfit: self.unfit,
            },
            due_at: self.due.into_time()?,
        })
    }
}

impl StateRecord {
    fn of(state: &StepState) -> Self {
        match state {
            StepState::Queued {
                resends,
                given_back,
            } => Self::Queued {
                resends: *resends,
                why: given_back.map(GiveBackRecord::of),
            },
            StepState::Delayed {
                until,
                given_back,
                resends,
            } => Self::Delayed {
                resends: *resends,
                why: GiveBackRecord::of(*given_back),
                until: to_millis(*until),
            },
            StepState::Running(lease) => Self::Running {
                daemon: lease.daemon.clone(),
                from: to_millis(lease.claimed_at),
                until: to_millis(lease.expires_at),
            },
            StepState::Closed(finished) => Self::Closed {
                end: Box::new(FinishedRecord::of(finished)),
            },
        }
    }

    fn into_state(self, fence: Fence) -> Result<StepState, WrongRecord> {
        Ok(match self {
            Self::Queued { resends, why } => StepState::Queued {
                resends,
                given_back: why.map(GiveBackRecord::into_why),
            },
            Self::Delayed {
                resends,
                why,
                until,
            } => StepState::Delayed {
                until: from_millis(until)?,
                given_back: why.into_why(),
                resends,
            },
            Self::Running {
                daemon,
                from,
                until,
            } => StepState::Running(Lease {
                fence,
                daemon,
                claimed_at: from_millis(from)?,
                expires_at: from_millis(until)?,
            }),
            Self::Closed { end } => StepState::Closed(Box::new(end.into_finished()?)),
        })
    }
}

impl GiveBackRecord {
    const fn of(why: GiveBack) -> Self {
        match why {
            GiveBack::Shutdown => Self::Shutdown,
            GiveBack::Environment => Self::Environment,
            GiveBack::ModelLimited => Self::ModelLimited,
        }
    }

    const fn into_why(self) -> GiveBack {
        match self {
            Self::Shutdown => GiveBack::Shutdown,
            Self::Environment => GiveBack::Environment,
            Self::ModelLimited => GiveBack::ModelLimited,
        }
    }
}
