//! The programs that read settings.

use std::fmt;

/// A program that reads settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// The function that takes webhooks.
    Webhook,
    /// The function that decides what a delivery means.
    Triage,
    /// The function that daemons speak to.
    Worker,
    /// The function that people and their programs speak to.
    Api,
    /// The function that finds what is due.
    Scheduler,
    /// The function that tells people.
    Relay,
    /// The daemon, which runs agents.
    Daemon,
    /// The AWS account on one machine, which takes its settings from the terminal.
    LocalStack,
}

impl Program {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Webhook,
        Self::Triage,
        Self::Worker,
        Self::Api,
        Self::Scheduler,
        Self::Relay,
        Self::Daemon,
        Self::LocalStack,
    ];

    /// Its name, for a function that of its binary.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Triage => "triage",
            Self::Worker => "worker",
            Self::Api => "api",
            Self::Scheduler => "scheduler",
            Self::Relay => "relay",
            Self::Daemon => "daemon",
            Self::LocalStack => "local stack",
        }
    }

    /// The program of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|program| program.name() == name)
    }

    /// What it is for.
    pub(crate) const fn purpose(self) -> &'static str {
        match self {
            Self::Webhook => "The function that takes webhooks.",
            Self::Triage => "The function that decides what a delivery means.",
            Self::Worker => "The function that daemons speak to.",
            Self::Api => "The function that people and their programs speak to.",
            Self::Scheduler => "The function that finds what is due.",
            Self::Relay => "The function that tells people.",
            Self::Daemon => {
                "The program that runs agents. Its AWS SDK finds Region and credentials by itself."
            }
            Self::LocalStack => {
                "`switchyard-local` takes these from the terminal, for itself or for the functions and daemons that it starts;\n\
                 it passes all others of the daemon's on that it does not set itself."
            }
        }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
