//! Keeps one daemon running, as the service does on AWS, and lets it end when the stack does.

use std::{fmt, time::Duration};

use anyhow::Result;
use domain::SharedClock;
use jiff::{SignedDuration, Timestamp};
use tokio::time::sleep;

use super::{Daemon, DaemonCommand};
use crate::stack::Stack;

/// The pause before a daemon that ended is started again, which doubles each time.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_mins(1);
/// One that has lived longer than this was well, so the pauses begin anew.
const WELL: SignedDuration = SignedDuration::from_mins(1);
/// What a daemon is given beyond its own drain to give back what it has.
const FAREWELL: Duration = Duration::from_secs(10);

/// What is told of a daemon.
#[derive(Clone, Debug)]
pub(crate) enum DaemonEvent {
    /// It ended although nobody asked it to.
    Ended {
        /// What it said, or how it ended.
        why: String,
        /// When it is started again.
        again: Duration,
    },
    /// It was asked to end with the stack, and finishes or gives back what it has at hand.
    Ending {
        /// How long it may take.
        patience: Duration,
    },
    /// It has ended with the stack.
    Gone,
}

impl fmt::Display for DaemonEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended { why, again } => {
                let seconds = again.as_secs();
                write!(
                    f,
                    "the daemon ended: {why}. It is started again in {seconds} s; jobs wait meanwhile"
                )
            }
            Self::Ending { patience } => {
                let seconds = patience.as_secs();
                write!(
                    f,
                    "the daemon has {seconds} s to finish or give back its job; Ctrl-C again does not wait"
                )
            }
            Self::Gone => f.write_str("the daemon has ended; the next start goes on"),
        }
    }
}

/// Keeps a daemon.
#[derive(Debug)]
pub(crate) struct Keeper {
    command: DaemonCommand,
    /// How long a job may go on after the request to end.
    drain: Duration,
    daemon: Option<Daemon>,
    pauses: Pauses,
}

impl Keeper {
    /// Starts nothing yet.
    pub(crate) fn new(command: DaemonCommand, drain: Duration, clock: SharedClock) -> Self {
        Self {
            command,
            drain,
            daemon: None,
            pauses: Pauses::new(clock),
        }
    }

    /// Keeps a daemon running for as long as this is polled. `tell` hears of each one that ends.
    pub(crate) async fn keep(&mut self, stack: &Stack, tell: impl Fn(DaemonEvent)) -> Result<()> {
        loop {
            if self.daemon.is_none() {
                self.pauses.started();
                self.daemon = Some(stack.start_daemon(&self.command)?);
            }
            let Some(daemon) = &mut self.daemon else {
                continue;
            };
            let status = daemon.wait().await?;
            let why = daemon.complaint().unwrap_or_else(|| format!("{status}"));
            self.daemon = None;
            let again = self.pauses.ended();
            tracing::warn!(%status, why, pause_seconds = again.as_secs(), "the daemon ended and is started again");
            tell(DaemonEvent::Ended { why, again });
            sleep(again).await;
        }
    }

    /// Asks the daemon to end, and waits until it has finished or given back its job.
    pub(crate) async fn end(&mut self, tell: impl Fn(DaemonEvent)) -> Result<()> {
        let Some(daemon) = &mut self.daemon else {
            return Ok(());
        };
        let patience = self.drain + FAREWELL;
        tell(DaemonEvent::Ending { patience });
        let status = daemon.end(patience).await?;
        tracing::info!(%status, "the daemon has ended with the stack");
        self.daemon = None;
        tell(DaemonEvent::Gone);
        Ok(())
    }
}

/// How long to wait before the next start.
#[derive(Debug)]
struct Pauses {
    clock: SharedClock,
    started: Timestamp,
    next: Duration,
}

impl Pauses {
    fn new(clock: SharedClock) -> Self {
        let started = clock.now();
        Self {
            clock,
            started,
            next: SHORTEST,
        }
    }

    fn started(&mut self) {
        self.started = self.clock.now();
    }

    fn ended(&mut self) -> Duration {
        if self.clock.now().duration_since(self.started) > WELL {
            self.next = SHORTEST;
        }
        let pause = self.next;
        self.next = (pause * 2).min(LONGEST);
        pause
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::ManualClock;

    use super::*;

    #[test]
    fn one_that_keeps_ending_is_started_less_and_less_often() {
        let clock = Arc::new(ManualClock::default());
        let mut pauses = Pauses::new(clock.clone());
        let mut seconds = |lived| {
            pauses.started();
            clock.advance(SignedDuration::from_secs(lived));
            pauses.ended().as_secs()
        };
        let early: Vec<u64> = (0..8).map(|_| seconds(1)).collect();
        assert_eq!(early, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(seconds(600), 1, "one that was well starts anew");
    }
}
