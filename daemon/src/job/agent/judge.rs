//! What came of an agent's work.

use std::process::ExitStatus;

use domain::{Cost, Failure, FailureKind, Spent, Usage};
use tracing::Span;

use super::AgentEnd;
use crate::{
    harness::{AgentResult, Reader, declined},
    job::{JobContext, watch::Watching},
    model::{Last, Seen},
    process::ProcessExit,
};

/// Makes of everything what came of it.
pub(super) fn judge(
    end: ProcessExit,
    reader: Box<dyn Reader>,
    watching: &Watching,
    spending: Spending<'_, '_>,
) -> AgentEnd {
    let status = match end {
        ProcessExit::Exited(status) => Some(status),
        _ => None,
    };
    let mut account = reader.end(status);
    let seen = spending.seen;
    let told = account.failure.take();
    let failure = stopped(end, watching, seen).or_else(|| measured(told, seen, &account));
    account.model = seen.and_then(Seen::model).or(account.model);
    account.usage = seen.and_then(Seen::usage).or(account.usage);
    spending.settle(account.cost, account.usage);
    used(&account);
    match failure {
        None => {
            tracing::info!("the agent has ended");
            AgentEnd::Finished(account)
        }
        Some(failure) => {
            let status = status.and_then(|status| ExitStatus::code(&status));
            tracing::warn!(class = ?failure.kind(), process.exit.code = status, "the agent has ended without success");
            AgentEnd::Broken { failure, account }
        }
    }
}

/// What an agent has used so far is kept even if its job is dropped in the midst of it.
pub(super) struct Spending<'a, 'j> {
    /// Whose it is.
    pub(super) job: &'a JobContext<'j>,
    /// What was seen of it on the way to the model.
    pub(super) seen: Option<&'a Seen>,
}

impl Spending<'_, '_> {
    /// Says what it came to.
    fn settle(self, cost: Option<Cost>, usage: Option<Usage>) {
        let cost = cost.filter(|cost| *cost > Cost(0));
        let spent = Spent { cost, usage };
        self.job.spend(spent);
        std::mem::forget(self);
    }
}

impl Drop for Spending<'_, '_> {
    fn drop(&mut self) {
        let usage = self.seen.and_then(Seen::usage);
        self.job.spend(Spent { cost: None, usage });
    }
}

/// Says in the span of the agent what its model calls took.
fn used(account: &AgentResult) {
    let span = Span::current();
    span.record("gen_ai.request.model", account.model.as_deref());
    if let Some(usage) = account.usage {
        let cached = usage
            .cache_write_tokens
            .saturating_add(usage.cache_read_tokens);
        let input = usage.input_tokens.saturating_add(cached);
        span.record("gen_ai.usage.input_tokens", input);
        span.record("gen_ai.usage.output_tokens", usage.output_tokens);
    }
}

/// Why an agent was ended from outside, if it was.
fn stopped(end: ProcessExit, watching: &Watching, seen: Option<&Seen>) -> Option<Failure> {
    Some(match end {
        ProcessExit::Exited(_) => return None,
        ProcessExit::TimedOut => FailureKind::AgentTimedOut.into(),
        ProcessExit::Idle => FailureKind::AgentIdle.into(),
        ProcessExit::Flooded => FailureKind::AgentFlooded.into(),
        ProcessExit::Overfull => FailureKind::DiskUsedUp.into(),
        ProcessExit::Hopeless => match seen.map(Seen::last) {
            Some(Last::Failed(verdict)) => verdict.failure().clone(),
            _ => watching
                .hopeless()
                .unwrap_or_else(|| FailureKind::ModelUnavailable.into()),
        },
    })
}

/// Why an agent that ended by itself failed, if it did. What was measured on the way to the model counts more than
/// what the agent makes of it: an answer after a call that failed is none.
fn measured(told: Option<Failure>, seen: Option<&Seen>, account: &AgentResult) -> Option<Failure> {
    let kind = told.as_ref().map(Failure::kind);
    let open = matches!(
        kind,
        None | Some(
            FailureKind::AgentFailed
                | FailureKind::ModelKeyRejected
                | FailureKind::ModelCreditExhausted
                | FailureKind::ModelUnknown
                | FailureKind::ModelLimited
                | FailureKind::ModelUnavailable
        )
    );
    match seen.map(Seen::last) {
        Some(Last::Failed(verdict)) if open => Some(verdict.failure().clone()),
        Some(Last::Declined) if matches!(kind, None | Some(FailureKind::AgentFailed)) => {
            Some(declined(account.words.as_deref()))
        }
        _ => told,
    }
}
