//! The kinds of failure, each with its words.

use serde::{Deserialize, Serialize};

/// Defines the kinds with what went wrong and what to do about it, each in one sentence for the person who asked.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident: $reason:literal, $solution:literal;)*) => {
        /// The kinds of failure.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum FailureKind {
            $($(#[$doc])* $kind,)*
        }

        impl FailureKind {
            /// Every kind, for tables and tests.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// What went wrong, in one sentence for the person who asked.
            pub const fn reason(self) -> &'static str {
                match self { $(Self::$kind => $reason),* }
            }

            /// What to do about it, in one sentence for the person who asked.
            pub const fn solution(self) -> &'static str {
                match self { $(Self::$kind => $solution),* }
            }
        }
    };
}

kinds! {
    /// The agent ended with an error that is of no other kind.
    AgentFailed: "The agent ended with an error.",
        "Ask again; if it fails again, tell the operator, whose log has the agent's last words.";
    /// The agent did not end in time.
    AgentTimedOut: "The agent did not finish in the time it had.",
        "Ask for a smaller piece of work.";
    /// Nothing came from the agent for too long.
    AgentIdle: "The agent gave no sign of life for too long and was ended.",
        "Ask again; if it happens again, tell the operator.";
    /// The agent wrote more than any person would read.
    AgentFlooded: "The agent wrote far more output than is allowed.",
        "Ask for a smaller piece of work, or one with less output.";
    /// The agent's work took more room on the disk than a job may have.
    DiskUsedUp: "The agent's work took more room on the disk than is allowed.",
        "Ask for a smaller piece of work, or ask the operator to allow more room.";
    /// The agent used all the turns it had.
    AgentTurnsUsed: "The agent used up all the turns it had.",
        "Ask for a smaller piece of work.";
    /// The model declined to do what was asked.
    AgentDeclined: "The model declined to do this.",
        "Say what is wanted in other words, or do it by hand.";
    /// Tools were denied to the agent, so that what it says was not done.
    ToolsDenied: "The agent was not allowed to use the tools that it needed.",
        "Ask the operator to allow them, or do it by hand.";
    /// The agent's program is not installed.
    AgentMissing: "The agent's program is not installed where the daemon runs.",
        "Ask the operator to install it there.";
    /// The agent's key or settings are missing.
    AgentUnconfigured: "The agent's key or settings are missing on the daemon.",
        "Ask the operator to set them in the daemon's settings.";
    /// The model provider does not accept the key.
    ModelKeyRejected: "The model provider did not accept the operator's key.",
        "Ask the operator to replace the key in the daemon's settings.";
    /// The operator's credit with the model provider is used up.
    ModelCreditExhausted: "The operator's credit with the model provider is used up.",
        "Ask the operator to add credit, then ask again.";
    /// The model provider does not have the model.
    ModelUnknown: "The model provider does not offer the model that is set.",
        "Ask the operator to set another model.";
    /// The model provider limits how much may be asked for now.
    ModelLimited: "The model provider's limit for the operator's account is reached.",
        "Ask again when the limit is lifted.";
    /// The model provider was out of order all the time.
    ModelUnavailable: "The model provider did not answer, or only with errors.",
        "Ask again later; nothing is wrong with the request.";
    /// The agent changed nothing and did not say why.
    NoChange: "The agent made no change and did not say why.",
        "Say in the issue what should be different afterwards, then ask again.";
    /// The agent left no findings.
    NoFindings: "The agent left no findings.",
        "Ask again, with a narrower question.";
    /// Nothing of what the agent wrote may be seen by everybody.
    AnswerHeldBack: "What the agent wrote was held back, since it may hold what must not be public.",
        "Ask again in other words; if it happens again, tell the operator.";
    /// The checks of the change failed.
    ChecksFailed: "The change was made, but its checks failed.",
        "Look at the pull request, then ask again or finish it by hand.";
    /// The program that checks changes is not there.
    CheckMissing: "The change was made, but the program that checks it is not installed where the daemon runs.",
        "Look at the pull request; ask the operator to install the program or to change the setting.";
    /// The change touches files that decide what runs with the repository's secrets, or that steer git.
    ProtectedFiles: "The change touches files that an agent may not touch.",
        "Make that part of the change by hand.";
    /// The change holds files that are too large.
    FilesTooLarge: "The change holds files that are too large.",
        "Ask for the change without them, or add them by hand.";
    /// The change touches too much for any reviewer.
    ChangeTooLarge: "The change is larger than any reviewer would read.",
        "Ask for a smaller piece of work.";
    /// The change holds something that looks like a credential.
    CredentialsFound: "The change holds something that looks like a credential.",
        "Ask again without it; if it is real, revoke it.";
    /// The change holds links that lead out of the repository.
    LinksOutside: "The change holds links that lead out of the repository.",
        "Make that part of the change by hand.";
    /// The change holds a repository inside the repository.
    NestedRepository: "The change holds a repository inside the repository.",
        "Make that part of the change by hand.";
    /// The change touches files of Git LFS that could not be kept there.
    LargeFileStorage: "The change touches files that are kept in Git LFS, which could not be done here.",
        "Make that part of the change by hand.";
    /// The change touches files that a program of the repository's keeps in another form in git.
    FilteredFiles: "The change touches files that git keeps in another form, such as encrypted, by a program that does not run here.",
        "Make that part of the change by hand.";
    /// The change cannot be taken for another reason.
    ChangeRefused: "The change could not be taken from what the agent left.",
        "Ask again; if it fails again, make the change by hand.";
    /// The repository could not be cloned.
    CloneFailed: "The repository could not be cloned.",
        "Check that the app may read this repository, then ask again.";
    /// The provider refuses the operator's token, or does not let it at the repository.
    OperatorTokenRefused: "GitHub did not let the operator's token at this repository.",
        "Ask the operator to replace the token or to give it access to this repository, then ask again.";
    /// The repository's files cannot be written to the disk.
    CheckoutFailed: "The repository's files could not be checked out, for example since a name is too long.",
        "Rename those files, then ask again.";
    /// The repository has no commit.
    RepositoryEmpty: "The repository is empty.",
        "Push a first commit, then ask again.";
    /// The repository is archived and so read-only.
    RepositoryArchived: "The repository is archived and takes no changes.",
        "Ask an owner to unarchive it, then ask again.";
    /// The branch that the change is for was renamed or deleted meanwhile.
    BaseGone: "The branch that the change is meant for is no longer there.",
        "Ask again; the work then starts from the branch as it is now.";
    /// The commit that was decided on is no longer there.
    RevisionGone: "What was asked about has changed so that it is no longer there.",
        "Ask again about what is there now.";
    /// The provider refused the push.
    PushRejected: "GitHub did not accept the branch.",
        "Check the app's permissions and the branch rules, then ask again.";
    /// The default branch's workflows changed meanwhile, and the change cannot be put onto them.
    WorkflowsChanged: "The default branch's workflows changed while the agent was at work, and GitHub refuses a branch that is without them.",
        "Ask again; the work then starts from the branch as it is now.";
    /// The repository's rules refuse every name of the run's branch, or whatever is pushed.
    BranchRules: "The repository's rules do not allow the branch of this change, so that it could not be kept.",
        "Ask an owner to let the app push branches that begin with `switchyard`, then ask again.";
    /// Every name for the branch is taken or in the way of another.
    BranchTaken: "Another branch is in the way of the one for this change.",
        "Rename or delete that branch, then ask again.";
    /// Somebody else's commits are on the run's branch.
    BranchChanged: "Somebody else has pushed to the branch of this run, and their work was left alone.",
        "Go on from that branch by hand, or ask again for a fresh start.";
    /// The provider refused the pull request.
    PullRequestRefused: "GitHub did not accept the pull request.",
        "Check the app's permissions, then open it by hand from the branch or ask again.";
    /// Every daemon that tried was lost.
    WorkerLost: "Every worker that took this job was lost.",
        "Ask again; if it fails again, tell the operator.";
    /// No machine that took the job could do it.
    WorkersUnfit: "None of the machines that took this job could do it.",
        "Tell the operator, whose log says what is wrong with them, then ask again.";
    /// Switchyard's own fault.
    Internal: "Something went wrong inside Switchyard.",
        "Ask again; if it fails again, tell the operator.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_says_what_and_what_now() {
        for kind in FailureKind::ALL {
            assert!(
                kind.reason().ends_with('.') && kind.solution().ends_with('.'),
                "{kind:?}"
            );
        }
    }
}
