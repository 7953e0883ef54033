//! What was seen at the model's address of one job.

use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::Usage;
use tokio::{sync::watch, time::Instant};

use super::Verdict;

/// Facts about an agent's calls to its model, measured as they pass.
#[derive(Debug)]
pub(crate) struct Seen {
    state: Mutex<State>,
    ended: watch::Sender<bool>,
}

#[derive(Debug)]
struct State {
    usage: Usage,
    model: Option<String>,
    last: Last,
    open: usize,
    active: Instant,
}

/// How the newest call that has ended did so.
#[derive(Clone, Debug, Default)]
pub(crate) enum Last {
    /// None has ended yet.
    #[default]
    None,
    /// The model answered.
    Answered,
    /// The model declined to answer.
    Declined,
    /// It failed.
    Failed(Verdict),
}

/// What one answer said about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// What it used.
    pub(super) usage: Usage,
    /// The model that answered.
    pub(super) model: Option<String>,
    /// Whether the model declined.
    pub(super) declined: bool,
    /// Whether it ended as it should, or in an error of its own.
    pub(super) whole: bool,
}

impl Seen {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                usage: Usage::default(),
                model: None,
                last: Last::None,
                open: 0,
                active: Instant::now(),
            }),
            ended: watch::Sender::new(false),
        }
    }

    /// What all calls used; nothing if there was none.
    pub(crate) fn usage(&self) -> Option<Usage> {
        let usage = self.lock().usage;
        (usage.calls > 0).then_some(usage)
    }

    /// The model that answered last.
    pub(crate) fn model(&self) -> Option<String> {
        self.lock().model.clone()
    }

    /// How the newest call that has ended did so.
    pub(crate) fn last(&self) -> Last {
        self.lock().last.clone()
    }

    /// Since when nothing has passed, and whether the agent waits for an answer.
    pub(crate) fn quiet(&self) -> (Instant, bool) {
        let state = self.lock();
        (state.active, state.open > 0)
    }

    /// Waits for a call that failed in a way which no further call can mend.
    pub(crate) async fn hopeless(&self) {
        let mut ended = self.ended.subscribe();
        if ended.wait_for(|ended| *ended).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    pub(super) fn opened(&self) {
        let mut state = self.lock();
        state.open += 1;
        state.active = Instant::now();
    }

    pub(super) fn passed(&self) {
        self.lock().active = Instant::now();
    }

    pub(super) fn closed(&self) {
        let mut state = self.lock();
        state.open = state.open.saturating_sub(1);
        state.active = Instant::now();
    }

    /// An answer came to its end.
    pub(super) fn answered(&self, told: Told) {
        let mut state = self.lock();
        state.usage = state.usage.plus(told.usage);
        state.model = told.model.or_else(|| state.model.take());
        state.last = match told {
            Told { whole: false, .. } => Last::Failed(Verdict::unavailable()),
            Told { declined: true, .. } => Last::Declined,
            _ => Last::Answered,
        };
    }

    /// A call failed.
    pub(super) fn failed(&self, verdict: Verdict, status: Option<u16>) {
        let mut state = self.lock();
        state.usage.calls += 1;
        let kind = verdict.failure().kind();
        let known = matches!(&state.last, Last::Failed(last) if last.failure().kind() == kind);
        if !known {
            // Once for each class in a row: a provider in trouble is asked many times.
            tracing::warn!(http.status = status, class = ?kind, "the model's provider refused a call");
        }
        let ends = verdict.is_final();
        state.last = Last::Failed(verdict);
        drop(state);
        if ends {
            self.ended.send_replace(true);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs::File,
        io::{Read as _, Seek as _},
        sync::Arc,
    };

    use serde_json::Value;
    use tracing::{Level, subscriber::with_default};

    use super::*;

    /// The lines that `work` logs from the level of warnings on.
    fn logged(work: impl FnOnce()) -> Vec<Value> {
        let mut file = Arc::new(tempfile::tempfile().unwrap());
        let lines = tracing_subscriber::fmt().json().flatten_event(true);
        let lines = lines.with_max_level(Level::WARN).with_writer(file.clone());
        with_default(lines.finish(), work);
        let mut text = String::new();
        Arc::<File>::get_mut(&mut file).unwrap().rewind().unwrap();
        (&*file).read_to_string(&mut text).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn an_operator_sees_each_class_of_refusal_once_in_a_row_with_its_status() {
        let seen = Seen::new();
        let lines = logged(|| {
            for status in [529, 529, 401, 529] {
                seen.failed(Verdict::told(Some(status)).unwrap(), Some(status));
            }
        });
        let statuses: Vec<&Value> = lines.iter().map(|line| &line["http.status"]).collect();
        assert_eq!(statuses, [529, 401, 529]);
        for line in &lines {
            assert_eq!(line["level"], "WARN");
            assert!(line["class"].is_string(), "{line}");
        }
    }
}
