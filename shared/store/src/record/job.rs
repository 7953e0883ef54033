//! The state of a job within the record of its run.

use domain::{
    CommitSha, DaemonId, Fence, Finished, GiveBack, GivenBack, Job, JobId, JobState, Lease, Leases,
    Outcome, Spent, Wait,
};
use serde::{Deserialize, Serialize};

use super::{from_millis, to_millis};

/// Where a job stands, as it is stored.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum StateRecord {
    Queued {
        resends: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        fence: Option<Fence>,
        #[serde(skip_serializing_if = "Option::is_none")]
        why: Option<GiveBack>,
        #[serde(skip_serializing_if = "Option::is_none")]
        from: Option<i64>,
    },
    Running {
        fence: Fence,
        daemon: DaemonId,
        from: i64,
        until: i64,
    },
    Finished {
        at: i64,
        #[serde(skip_serializing_if = "Option::is_none")]
        from: Option<i64>,
        fence: Fence,
        end: Box<Outcome>,
        #[serde(default)]
        spent: Spent,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        revision: Option<CommitSha>,
    },
}

/// How many leases of a job have been lost if none was ever given back: all but the newest.
fn usual_losses(state: &JobState) -> u32 {
    match state {
        JobState::Running(lease) => lease.fence.0.saturating_sub(1),
        JobState::Queued(_) | JobState::Finished(_) => 0,
    }
}

/// What has to be kept of the leases that a job has lost.
pub(super) fn lost(job: &Job) -> Option<u32> {
    Some(job.leases.lost).filter(|lost| *lost != usual_losses(&job.state))
}

fn given_back(
    fence: Option<Fence>,
    why: Option<GiveBack>,
    from: Option<i64>,
) -> Result<Option<GivenBack>, String> {
    match (fence, why) {
        (None, None) if from.is_none() => Ok(None),
        (Some(fence), Some(why)) if fence != Fence::NONE => Ok(Some(GivenBack {
            fence,
            why,
            not_before: from.map(from_millis).transpose()?,
        })),
        _ => Err("half a give-back".to_owned()),
    }
}

impl StateRecord {
    /// The record of a state.
    pub(super) fn of(state: &JobState) -> Self {
        match state {
            JobState::Queued(wait) => Self::Queued {
                resends: wait.resends,
                fence: wait.given_back.map(|back| back.fence),
                why: wait.given_back.map(|back| back.why),
                from: wait.not_before().map(to_millis),
            },
            JobState::Running(lease) => Self::Running {
                fence: lease.fence,
                daemon: lease.daemon.clone(),
                from: to_millis(lease.claimed_at),
                until: to_millis(lease.expires_at),
            },
            JobState::Finished(finished) => Self::Finished {
                at: to_millis(finished.at),
                from: finished.started_at.map(to_millis),
                fence: finished.fence,
                end: Box::new(finished.outcome.clone()),
                spent: finished.spent,
                revision: finished.revision.clone(),
            },
        }
    }

    /// The job that it and what is kept beside it stand for.
    pub(super) fn into_job(
        self,
        id: JobId,
        lost: Option<u32>,
        unfit: Option<u32>,
    ) -> Result<Job, String> {
        let state = self.into_state()?;
        let leases = Leases {
            lost: lost.unwrap_or_else(|| usual_losses(&state)),
            unfit: unfit.unwrap_or_default(),
        };
        Ok(Job { id, state, leases })
    }

    fn into_state(self) -> Result<JobState, String> {
        Ok(match self {
            Self::Queued {
                resends,
                fence,
                why,
                from,
            } => JobState::Queued(Wait {
                resends,
                given_back: given_back(fence, why, from)?,
            }),
            Self::Running {
                fence: Fence::NONE, ..
            } => return Err("a lease without fence".to_owned()),
            Self::Running {
                fence,
                daemon,
                from,
                until,
            } => JobState::Running(Lease {
                fence,
                daemon,
                claimed_at: from_millis(from)?,
                expires_at: from_millis(until)?,
            }),
            Self::Finished {
                at,
                from,
                fence,
                end,
                spent,
                revision,
            } => JobState::Finished(Box::new(Finished {
                at: from_millis(at)?,
                started_at: from.map(from_millis).transpose()?,
                fence,
                outcome: *end,
                spent,
                revision,
            })),
        })
    }
}
