//! Reactions on the comment or item that asked.

use domain::{MessageId, Run, RunState, Subject};
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
        self.react(run.subject(), run.origin().message(), sign)
            .await;
    }

    /// The same for anything that was said, or for the subject itself.
    pub(crate) async fn react(&self, subject: &Subject, message: Option<MessageId>, sign: Sign) {
        let shown = self.conversation.react(subject, message, sign);
        if let Err(error) = shown.await {
            tracing::info!(%error, "a reaction could not be set");
        }
    }
}
