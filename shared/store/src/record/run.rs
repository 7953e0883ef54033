//! Ticket, run, step and job in one item of less than a kilobyte, so that each transition is one write unit.

use domain::{
    Cancel, CommentId, CommitSha, DefinitionRef, DeliveryId, DeliveryKey, InstallationId, ItemKind,
    JobId, Login, Origin, RepoName, Repository, RequestTime, Run, RunId, RunKey, Step, StepId,
    Ticket, TicketKey, TraceId, Tracking, Trigger,
};
use serde::{Deserialize, Serialize};

use super::{
    RequestTimeRecord, from_millis,
    job::{StateRecord, lost},
    shard, to_millis,
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
    installation: InstallationId,
    owner: Login,
    repo: RepoName,
    kind: ItemKind,
    delivery: DeliveryId,
    delivery_installation: InstallationId,
    requester: Login,
    trigger: Trigger,
    /// When it was asked for; runs of former days do not know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    asked: Option<RequestTimeRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<CommitSha>,
    trace: TraceId,
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
    /// The delivery that asked for the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    stop: Option<DeliveryId>,
    told: ToldRecord,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<CommentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_shard: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<i64>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "cancel", content = "by", rename_all = "snake_case")]
enum CancelRecord {
    Requested(Login),
    Expired,
}

impl CancelRecord {
    fn of(cancel: &Cancel) -> Self {
        match cancel {
            Cancel::Requested { by, .. } => Self::Requested(by.clone()),
            Cancel::Expired => Self::Expired,
        }
    }

    fn into_cancel(self, delivery: Option<DeliveryKey>) -> Cancel {
        match self {
            Self::Requested(by) => Cancel::Requested { by, delivery },
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

fn stopped_by(cancel: &Cancel) -> Option<DeliveryId> {
    match cancel {
        Cancel::Requested { delivery, .. } => delivery.as_ref().map(|key| key.id.clone()),
        Cancel::Expired => None,
    }
}

impl RunRecord {
    /// The record of `run` at `version`, as written by `write`.
    pub(crate) fn of(run: &Run, version: u64, write: u32) -> Self {
        let (told, comment) = match run.tracking {
            Tracking::Silent => (ToldRecord::Silent, None),
            Tracking::Announced(comment) => (ToldRecord::Announced, Some(comment)),
            Tracking::Reported(comment) => (ToldRecord::Reported, Some(comment)),
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
            installation: run.ticket.installation,
            owner: run.ticket.repository.owner.clone(),
            repo: run.ticket.repository.name.clone(),
            kind: run.ticket.kind,
            delivery: run.origin.delivery.id.clone(),
            delivery_installation: run.origin.delivery.installation,
            requester: run.origin.requester.clone(),
            trigger: run.origin.trigger,
            asked: Some(RequestTimeRecord::of(&run.origin.asked)),
            revision: run.revision.clone(),
            trace: run.origin.trace.clone(),
            at: to_millis(run.created_at),
            deadline: to_millis(run.deadline),
            state: StateRecord::of(&run.step.job.state),
            lost: lost(&run.step.job),
            unfit: Some(run.step.job.leases.unfit).filter(|unfit| *unfit > 0),
            cancel: run.cancel.as_ref().map(CancelRecord::of),
            stop: run.cancel.as_ref().and_then(stopped_by),
            told,
            comment,
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
            installation,
            owner,
            repo,
            kind,
            delivery,
            delivery_installation,
            requester,
            trigger,
            asked,
            revision,
            trace,
            at,
            deadline,
            state,
            lost,
            unfit,
            cancel,
            stop,
            told,
            comment,
            due_shard: _,
            due_at,
        } = self;
        let ticket = &key.ticket;
        let asked = asked_at(asked, at)?;
        let stop = stop.map(|id| DeliveryKey {
            provider: ticket.provider,
            installation,
            id,
        });
        let repository = Repository {
            id: ticket.repository,
            owner,
            name: repo,
        };
        Ok(Run {
            id,
            ticket: place(ticket, installation, repository, kind),
            definition: DefinitionRef {
                name: key.name,
                version: definition,
            },
            sequence: key.sequence,
            revision,
            origin: Origin {
                delivery: DeliveryKey {
                    provider: ticket.provider,
                    installation: delivery_installation,
                    id: delivery,
                },
                requester,
                trigger,
                asked,
                trace,
            },
            created_at: from_millis(at)?,
            deadline: from_millis(deadline)?,
            step: Step {
                id: step,
                job: state.into_job(job, lost, unfit)?,
            },
            cancel: cancel.map(|cancel| cancel.into_cancel(stop)),
            tracking: tracking(told, comment)?,
            due_at: due_at.map(from_millis).transpose()?,
        })
    }
}

/// The ticket at `key`, with what the key does not say.
fn place(
    key: &TicketKey,
    installation: InstallationId,
    repository: Repository,
    kind: ItemKind,
) -> Ticket {
    Ticket {
        tenant: key.tenant.clone(),
        provider: key.provider,
        installation,
        repository,
        number: key.number,
        kind,
    }
}

/// When it was asked for, or else when it was started.
fn asked_at(asked: Option<RequestTimeRecord>, at: i64) -> Result<RequestTime, String> {
    match asked {
        Some(asked) => asked.into_time(),
        None => from_millis(at).map(RequestTime::of),
    }
}

fn tracking(told: ToldRecord, comment: Option<CommentId>) -> Result<Tracking, String> {
    match (told, comment) {
        (ToldRecord::Silent, None) => Ok(Tracking::Silent),
        (ToldRecord::Announced, Some(comment)) => Ok(Tracking::Announced(comment)),
        (ToldRecord::Reported, Some(comment)) => Ok(Tracking::Reported(comment)),
        (ToldRecord::Unreachable, None) => Ok(Tracking::Unreachable),
        (told, comment) => Err(format!("told {told:?} with comment {comment:?}")),
    }
}
