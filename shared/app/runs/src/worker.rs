//! The use cases of the worker protocol. A daemon is not trusted: each of its calls is a guarded transition.

mod add_events;
mod authorize;
mod claim_job;
mod deliverable;
mod error;
mod finish_job;
mod heartbeat;
mod in_time;
mod mint_git_token;
mod release_job;

use std::{sync::Arc, time::Duration};

use domain::{DefinitionRef, RunKey, SharedClock};
use engine::{Catalogue, Definition};
use jiff::SignedDuration;
use ports::CodeHost;
use store::Store;
use url::Url;

pub use authorize::{Claimant, Leaseholder};
pub use error::WorkerError;

use crate::{
    AppError, DaemonKeys, JobQueue, OperatorToken, TokenKeys,
    advance_run::{Advancer, Look},
};

/// The use cases of the worker protocol. What they use is reached through them alone.
#[derive(Clone, Debug)]
pub struct Worker {
    parts: WorkerParts,
    advancer: Advancer,
}

impl Worker {
    /// Puts the parts together.
    pub fn new(parts: WorkerParts) -> Self {
        let advancer = Advancer {
            store: parts.store.clone(),
            jobs: parts.jobs.clone(),
            clock: parts.clock.clone(),
        };
        Self { parts, advancer }
    }

    /// Looks at a run and moves it on. A request that waits for its slot is found by its due time.
    async fn look(&self, run: &RunKey, look: Look) -> Result<(), WorkerError> {
        Box::pin(self.advancer.advance_run(run, look)).await?;
        Ok(())
    }

    /// What a run executes.
    fn definition(&self, reference: DefinitionRef) -> Result<&'static Definition, AppError> {
        let found = self.parts.definitions.get(reference);
        found.ok_or(AppError::Missing {
            what: "the run's definition",
        })
    }

    /// The clock that it goes by.
    pub fn clock(&self) -> SharedClock {
        self.parts.clock.clone()
    }
}

/// What a [`Worker`] is made of.
#[derive(Clone, Debug)]
pub struct WorkerParts {
    /// The table.
    pub store: Store,
    /// The definitions that runs are pinned to.
    pub definitions: &'static Catalogue,
    /// Where a job goes that is given back.
    pub jobs: JobQueue,
    /// Where code is.
    pub code_host: Arc<dyn CodeHost>,
    /// The token for git that takes the place of the app's, if the operator set one.
    pub operator_token: Option<OperatorToken>,
    /// Where the provider's pages are that people open.
    pub web: Url,
    /// The time that there is for the provider within one call.
    pub provider_time: Duration,
    /// The keys of the tokens.
    pub tokens: TokenKeys,
    /// The keys that daemons prove themselves with.
    pub daemons: DaemonKeys,
    /// The clock.
    pub clock: SharedClock,
    /// How long a daemon waits at least between two requests with progress events. Each one is a write.
    pub events_interval: SignedDuration,
    /// How long a daemon waits between two heartbeats, in whole seconds and at most [`domain::StepAttempt::HEARTBEAT`].
    /// Each one is a read, and a write where the lease is not fresh; a wish to stop is heard at the next one.
    pub heartbeat_interval: SignedDuration,
}
