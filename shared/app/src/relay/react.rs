//! Reactions on the comment or item that asked.

use domain::{InstallationId, ItemNumber, Repository, Run, RunState, Trigger};
use egress::{Reaction, ReactionTarget};

use super::Relay;

impl Relay {
    /// Shows the run's state as a reaction where it was asked for. It is a courtesy: when it fails, the
    /// comment still tells everything.
    pub(super) async fn react_to_run(&self, run: &Run) {
        let reaction = match run.state() {
            RunState::Queued | RunState::Running => Reaction::Eyes,
            RunState::Succeeded | RunState::Unchanged => Reaction::Rocket,
            RunState::Incomplete | RunState::Failed | RunState::Cancelled | RunState::Expired => {
                Reaction::Confused
            }
        };
        let ticket = &run.ticket;
        let target = target(run.origin.trigger, ticket.number);
        self.react(ticket.installation, &ticket.repository, target, reaction)
            .await;
    }

    pub(super) async fn react(
        &self,
        installation: InstallationId,
        repository: &Repository,
        target: ReactionTarget,
        reaction: Reaction,
    ) {
        if let Err(error) = self
            .github
            .react(installation, repository, target, reaction)
            .await
        {
            tracing::info!(%error, "a reaction could not be set");
        }
    }
}

fn target(trigger: Trigger, number: ItemNumber) -> ReactionTarget {
    match trigger {
        Trigger::Comment(comment) => ReactionTarget::Comment(comment),
        Trigger::Label => ReactionTarget::Item(number),
    }
}
