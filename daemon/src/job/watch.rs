//! Watching an agent: whether it lives, and whether going on makes sense.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::Failure;
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use crate::{
    AgentLimits,
    harness::Reader,
    model::Seen,
    process::{ProcessExit, Pulse},
};

/// What is known of an agent at work.
pub(super) struct Watching {
    /// Beats with its output.
    pub(super) pulse: Pulse,
    seen: Option<Arc<Seen>>,
    limits: AgentLimits,
    told: Mutex<Told>,
    gave_up: Notify,
}

/// What its own output tells.
#[derive(Default)]
struct Told {
    waits_for_tool: bool,
    hopeless: Option<Failure>,
}

impl Watching {
    /// Begins to watch an agent with these limits, whose calls to its model are seen in `seen` if it has one.
    pub(super) fn begin(seen: Option<Arc<Seen>>, limits: AgentLimits) -> Self {
        Self {
            pulse: Pulse::begin(),
            seen,
            limits,
            told: Mutex::default(),
            gave_up: Notify::new(),
        }
    }

    /// Takes note of what the agent has told, after each line of it.
    pub(super) fn note(&self, reader: &dyn Reader) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.waits_for_tool = reader.waits_for_tool();
        if told.hopeless.is_none() {
            told.hopeless = reader.hopeless();
            if told.hopeless.is_some() {
                self.gave_up.notify_one();
            }
        }
    }

    /// Why going on is hopeless, if the agent has told of such a thing.
    pub(super) fn hopeless(&self) -> Option<Failure> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.hopeless.clone()
    }

    /// Completes when the agent has to be ended.
    pub(super) async fn until(&self) -> ProcessExit {
        let hopeless = async {
            match &self.seen {
                Some(seen) => seen.hopeless().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = hopeless => ProcessExit::Hopeless,
            () = self.gave_up.notified() => ProcessExit::Hopeless,
            () = self.silence() => ProcessExit::Idle,
        }
    }

    async fn silence(&self) {
        loop {
            let (since, limit) = self.quiet();
            // A state in which silence is fine is looked at again, since it may have changed without a sound.
            let due = limit.map_or_else(
                || Instant::now() + self.limits.model_idle,
                |limit| since + limit,
            );
            if limit.is_some() && due <= Instant::now() {
                return;
            }
            sleep_until(due).await;
        }
    }

    /// The last sign of life, and how long nothing may come after it. A call to the model that is open must stir; a
    /// tool may take its time in silence, up to the limit of the whole.
    fn quiet(&self) -> (Instant, Option<Duration>) {
        let (active, waits_for_model) = self
            .seen
            .as_ref()
            .map_or_else(|| (self.pulse.last(), false), |seen| seen.quiet());
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let limit = if waits_for_model {
            Some(self.limits.model_idle)
        } else if told.waits_for_tool {
            None
        } else {
            self.limits.idle
        };
        (active.max(self.pulse.last()), limit)
    }
}
