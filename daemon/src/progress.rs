//! Progress events: what a job has come to, while it is at work.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use contract::worker::{EVENTS_LIMIT, EventsRequest};
use domain::{ProgressEvent, SharedClock, Stage, clip};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use crate::{harness::line, lease::LeaseKeeper, secrets::Secrets};

/// How many events may wait; the oldest goes first when there is more, since nobody reads that much.
const WAITING_LIMIT: usize = 500;
/// The most bytes of one event that are looked at.
const LOOKED_AT: usize = 8 * 1024;
/// How often the last events are tried to be sent once the work is over.
const LAST_TRIES: u32 = 2;
/// How soon the turn of the last events must come for them to be sent all the same.
const SOON: Duration = Duration::from_secs(1);
/// How long events of a job are sent as often as may be, since somebody may be watching; after that, only every
/// third time, and later every sixth.
const BRISK: Duration = Duration::from_mins(1);
/// Until when it is every third time.
const STEADY: Duration = Duration::from_mins(10);

/// Takes in events. Doing so never holds up the work and never fails it.
#[derive(Debug)]
pub(crate) struct ProgressSender {
    clock: SharedClock,
    secrets: Arc<Secrets>,
    stage: Mutex<Stage>,
    sender: mpsc::Sender<ProgressEvent>,
}

/// Sends events to the platform in batches.
#[derive(Debug)]
pub(crate) struct EventUploader {
    lease: Arc<LeaseKeeper>,
    interval: Duration,
    events: mpsc::Receiver<ProgressEvent>,
}

/// A pair of the two, for one lease. What `secrets` finds is never sent.
pub(crate) fn progress_channel(
    clock: SharedClock,
    lease: Arc<LeaseKeeper>,
    interval: Duration,
    secrets: Arc<Secrets>,
) -> (ProgressSender, EventUploader) {
    let (sender, receiver) = mpsc::channel(WAITING_LIMIT);
    let progress = ProgressSender {
        clock,
        secrets,
        stage: Mutex::new(Stage::Cloning),
        sender,
    };
    (
        progress,
        EventUploader {
            lease,
            interval,
            events: receiver,
        },
    )
}

impl ProgressSender {
    /// The job has come to another stage.
    pub(crate) fn stage(&self, stage: Stage, text: &str) {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = stage;
        tracing::info!(%stage, "the job comes to another stage");
        self.step(text);
    }

    /// Something happened within the stage.
    pub(crate) fn step(&self, text: &str) {
        let stage = *self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        // Before anything is cut, since half a credential has no shape any more.
        let clean = self.secrets.redactor().redact(clip(text, LOOKED_AT));
        if clean.total() > 0 {
            tracing::warn!(
                metric.CredentialsRemoved = clean.total(),
                kinds = ?clean.counts.keys(),
                "a progress event held something that looks like a credential"
            );
        }
        if let Some(text) = line(&clean.text) {
            let at = self.clock.now();
            // What does not fit is a flood that nobody could read.
            let _full = self.sender.try_send(ProgressEvent { at, stage, text });
        }
    }
}

impl EventUploader {
    /// Sends events until the other half is dropped. What is left then is sent only if its turn would have come
    /// soon: the end is told by itself, and a comment that shows it shows no progress any more.
    pub(crate) async fn run(mut self) {
        let mut waiting = VecDeque::new();
        let (mut sent, mut tries) = (0, 0);
        let begun = Instant::now();
        let mut next = begun + self.interval;
        loop {
            let open = self.gather(&mut waiting, next).await;
            if waiting.is_empty() || (!open && Instant::now() + SOON < next) {
                return;
            }
            let batch: Vec<_> = waiting.drain(..waiting.len().min(EVENTS_LIMIT)).collect();
            let request = EventsRequest {
                first: sent,
                events: batch,
            };
            loop {
                next = Instant::now() + pause(self.interval, begun.elapsed());
                match self.lease.send_events(&request).await {
                    Ok(()) => break,
                    // The platform may have kept what it did not answer to, so the very same batch goes again.
                    Err(error) if error.is_transient() && tries < LAST_TRIES => {
                        tracing::warn!(%error, "progress events could not be sent yet");
                        let still_open = open && self.gather(&mut waiting, next).await;
                        tries = if still_open { 0 } else { tries + 1 };
                    }
                    Err(error) => {
                        tracing::warn!(%error, "progress events are not sent any more");
                        return;
                    }
                }
            }
            sent = sent.saturating_add(u32::try_from(request.events.len()).unwrap_or(u32::MAX));
        }
    }

    // Waits for `until` and for anything to send, whichever is later; says whether more may come.
    async fn gather(&mut self, waiting: &mut VecDeque<ProgressEvent>, until: Instant) -> bool {
        loop {
            tokio::select! {
                event = self.events.recv() => match event {
                    Some(event) => {
                        if waiting.len() >= WAITING_LIMIT {
                            waiting.pop_front();
                        }
                        waiting.push_back(event);
                    }
                    None => return false,
                },
                () = sleep_until(until), if !waiting.is_empty() => return true,
            }
        }
    }
}

/// How long to wait after sending events of a job of that age. Each time is a write, and nobody watches a job of
/// an hour as closely as one that has just begun.
fn pause(interval: Duration, age: Duration) -> Duration {
    match age {
        _ if age < BRISK => interval,
        _ if age < STEADY => interval * 3,
        _ => interval * 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_events_of_an_hour_are_sent_in_tens_of_batches() {
        let interval = Duration::from_secs(10);
        let hour = Duration::from_hours(1);
        let mut age = interval;
        let mut batches = 0;
        while age < hour {
            batches += 1;
            age += pause(interval, age);
        }
        assert_eq!(batches, 5 + 18 + 50);
    }
}
