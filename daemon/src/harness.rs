//! Agent programs behind one face.
//!
//! A harness knows how one program is started and how its output is read. To add one, implement
//! [`Harness`] in a file here and give it a name in the settings. Limits, progress, leftovers and everything
//! that touches git or the platform are the daemon's business, the same for all of them.

mod claude_code;
mod command;
mod find;
mod report;
mod steps;
mod stream;

use std::{ffi::OsString, fmt::Debug, process::ExitStatus};

pub use claude_code::{ClaudeCode, ClaudeCodeSettings};
pub use command::CommandHarness;
use domain::{AgentTools, Cost, Failure, FailureKind, Random, Usage};
pub(crate) use find::find;
pub(crate) use steps::line;
pub(crate) use stream::declined;

use crate::model::{ModelAccess, Wire};

/// What an agent is asked. It starts in the clone, with a home and temporary folder of its own and with
/// variables that say where the rest is.
#[derive(Clone, Copy, Debug)]
pub struct Assignment<'a> {
    /// Which tools the agent gets.
    pub tools: AgentTools,
    /// What we say, the same for every job of this kind. It goes to where the program takes its system's text.
    pub system: &'a str,
    /// What this job is about; written by people outside but for its frame.
    pub prompt: &'a str,
}

/// How an agent program is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The program and its arguments.
    pub command: Vec<OsString>,
    /// Variables beyond those that every agent gets.
    pub environment: Vec<(OsString, OsString)>,
    /// What it reads on standard input.
    pub input: Vec<u8>,
}

/// How an agent's own account of its work ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentResult {
    /// What went wrong, if anything did.
    pub failure: Option<Failure>,
    /// The model that it asked, where it says.
    pub model: Option<String>,
    /// What it used of the model, where it says.
    pub usage: Option<Usage>,
    /// What its model calls cost, where it says.
    pub cost: Option<Cost>,
    /// Its last words, untrusted.
    pub words: Option<String>,
    /// The tools that were denied to it, by name, untrusted.
    pub denied: Vec<String>,
}

/// One kind of agent program.
pub trait Harness: Debug + Send + Sync {
    /// The name people know it by.
    fn name(&self) -> &'static str;

    /// Whether it can be used at all with a model that speaks `wire`, if there is one; asked before anything is cloned.
    fn ready(&self, wire: Option<Wire>) -> Result<(), FailureKind>;

    /// How it is started for `assignment`, with access to a model if there is one.
    fn start(
        &self,
        assignment: Assignment<'_>,
        model: Option<&ModelAccess>,
        random: &dyn Random,
    ) -> Start;

    /// A fresh reader of its output.
    fn reader(&self) -> Box<dyn Reader>;
}

/// Reads what one agent program writes.
pub trait Reader: Send {
    /// What to show of one line of its standard output, if anything.
    fn line(&mut self, line: &str) -> Option<String>;

    /// Whether the program says that a tool is at work, which may take its time in silence.
    fn waits_for_tool(&self) -> bool {
        false
    }

    /// Why going on is hopeless, if the program has told of such a thing.
    fn hopeless(&self) -> Option<Failure> {
        None
    }

    /// What to make of it all, now that the program has ended: by itself with `status`, or else stopped from outside.
    fn end(self: Box<Self>, status: Option<ExitStatus>) -> AgentResult;
}
