//! Agent programs behind one face.
//!
//! A harness knows how one program is started and how its output is read. To add one, implement
//! [`Harness`] in a file here and give it a name in the settings. Limits, news, leftovers and everything
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
use domain::{Cost, FailureKind, Random, Verb};
pub(crate) use steps::line;

/// What an agent is asked. It starts in the clone, with a home and temporary folder of its own and with
/// variables that say where the rest is.
#[derive(Clone, Copy, Debug)]
pub struct Assignment<'a> {
    /// What is asked for.
    pub verb: Verb,
    /// The whole prompt.
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What went wrong, if anything did.
    pub failure: Option<FailureKind>,
    /// The model that it asked, where it says.
    pub model: Option<String>,
    /// What it used of the model, where it says.
    pub tokens: Tokens,
    /// What its model calls cost, where it says.
    pub cost: Option<Cost>,
    /// Its last words, untrusted.
    pub words: Option<String>,
}

/// Tokens of a model, as far as an agent tells of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// What the model read, what it remembered from before included.
    pub input: Option<u64>,
    /// What it wrote.
    pub output: Option<u64>,
}

/// One kind of agent program.
pub trait Harness: Debug + Send + Sync {
    /// The name people know it by.
    fn name(&self) -> &'static str;

    /// Who provides its model, as OpenTelemetry calls them, if that is certain.
    fn provider(&self) -> Option<&'static str> {
        None
    }

    /// Whether it can be used at all, asked before anything is cloned.
    fn ready(&self) -> Result<(), FailureKind>;

    /// How it is started for `assignment`.
    fn start(&self, assignment: Assignment<'_>, random: &dyn Random) -> Start;

    /// A fresh reader of its output.
    fn reader(&self) -> Box<dyn Reader>;
}

/// Reads what one agent program writes.
pub trait Reader: Send {
    /// The news in one line of its standard output, if there is any.
    fn line(&mut self, line: &str) -> Option<String>;

    /// What to make of it all, now that the program has ended by itself.
    fn end(self: Box<Self>, status: ExitStatus) -> Account;
}
