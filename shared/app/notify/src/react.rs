//! Reactions on the comment or item that asked.

use std::sync::{Mutex, PoisonError};

use domain::{MessageId, Run, RunState, Subject};
use jiff::Timestamp;
use ports::Sign;

use crate::Relay;

impl Relay {
    /// Shows the run's state as a reaction where it was asked for. It is a courtesy: when it fails, the
    /// comment still tells everything.
    pub(crate) async fn react_to_run(&self, run: &Run) {
        let sign = match run.state() {
            RunState::Queued | RunState::Running => Sign::Seen,
            RunState::Succeeded | RunState::Unchanged => Sign::Done,
            RunState::Incomplete | RunState::Failed | RunState::Cancelled | RunState::Expired => {
                Sign::NotAsAsked
            }
        };
        self.react(&run.subject, run.origin.message(), sign).await;
    }

    /// The same for anything that was said, or for the subject itself.
    pub(crate) async fn react(&self, subject: &Subject, message: Option<MessageId>, sign: Sign) {
        let shown = self.conversation.react(subject, message, sign);
        if let Err(error) = shown.await {
            tracing::info!(%error, "a reaction could not be set");
        }
    }
}

/// How many signs a process gives in a minute to people who may not ask. A reaction counts like a comment where
/// GitHub limits what an installation may write in a minute.
const SIGNS: u32 = 10;

/// Counts the signs of the current minute.
#[derive(Debug, Default)]
pub(crate) struct Signs(Mutex<(i64, u32)>);

impl Signs {
    /// Whether one more may be given.
    pub(crate) fn allow(&self, now: Timestamp) -> bool {
        let minute = now.as_second() / 60;
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if given.0 != minute {
            *given = (minute, 0);
        }
        given.1 = given.1.saturating_add(1);
        given.1 <= SIGNS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_so_many_signs() {
        let (signs, at) = (Signs::default(), |second| {
            Timestamp::from_second(second).unwrap()
        });
        let given = |from| (0..25).filter(|_| signs.allow(at(from))).count();
        assert_eq!((given(0), given(59), given(60)), (10, 0, 10));
    }
}
