//! Takes jobs, runs agent harnesses on fresh clones, reports.
//!
//! [`run`] is the daemon: it waits for messages on the jobs queue, claims each job over HTTP with the
//! message's token, and sees it to its end. [`launch`] is the same as a process, composed from environment
//! variables; any binary may offer it.
//!
//! A job goes through these hands:
//!
//! - `lease` holds on to it: heartbeats, and the reasons to stop.
//! - `work_root` and `workspace` give it a folder that is gone afterwards, whatever happens.
//! - `git` clones, and turns what the agent left into a commit without trusting anything but files.
//! - `conversation` is what was read of what people said, and `prompt` what the agent is told of it.
//! - `model` is the address at which the agent reaches its model, without ever holding the key.
//! - [`Harness`] is the agent program; `process` runs it under limits, in a [`Sandbox`] that proves that nothing of
//!   it is left.
//! - `change` says what an agent may change; `proposal` has the words of commit and pull request.
//! - `scan` has a model look over what the agent wrote, where the operator wants that.
//! - `progress` tells what happens meanwhile.
//!
//! What this must never know: tables, the app's key, other tenants. What it must never do: run a program
//! of the repository's or the agent's while a git credential exists in any process, or believe
//! anything in a `.git` that an agent could reach.

mod agent_files;
mod change;
mod check;
mod command_line;
mod connections;
mod conversation;
mod daemon;
mod descriptors;
mod git;
mod harness;
mod health;
mod job;
mod launch;
mod lease;
mod model;
mod outside;
mod process;
mod progress;
mod prompt;
mod proposal;
mod remove;
mod sandbox;
mod scan;
mod secrets;
mod settings;
mod telemetry;
#[cfg(test)]
mod testing;
mod unfit;
mod work_root;
mod workspace;

pub use check::{Prospect, check, finds_program};
pub use daemon::{AgentLimits, Daemon, DaemonConfig, run};
pub use git::History;
pub use harness::{
    AgentResult, Assignment, ClaudeCode, ClaudeCodeSettings, CommandHarness, Harness, Reader, Start,
};
pub use health::health;
pub use launch::{NoBoundary, launch, try_boundary};
pub use model::{Credential, Model, ModelAccess, ModelAddress, Provider, Wire};
pub use outside::Hosts;
pub use process::Reaper;
pub use sandbox::{Choice, JobLimits, Level, NoSandbox, Sandbox, SandboxSettings, Site, stage};
pub use scan::Scan;
pub use unfit::Unfit;
