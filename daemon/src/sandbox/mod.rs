//! The boundary around what a job runs: its agent, its checks, and all they start.
//!
//! A [`Sandbox`] is chosen once, when a daemon starts, by really running something in it. It starts every program of
//! a job, and says at the end of a job whether it can prove that none of them is left. `stage` has the other side:
//! the processes that a program of a job goes through before it is one.

#[cfg(target_os = "linux")]
mod choose;
#[cfg(not(target_os = "linux"))]
#[path = "choose_none.rs"]
mod choose;
#[cfg(target_os = "linux")]
mod control;
mod disk;
#[cfg(target_os = "linux")]
mod door;
mod empty;
mod freely;
mod plan;
mod running;
#[cfg(target_os = "linux")]
mod shared;
#[cfg(target_os = "linux")]
mod stage;
#[cfg(target_os = "linux")]
mod start;
#[cfg(target_os = "linux")]
mod users;
#[cfg(target_os = "linux")]
mod view;

use std::{ffi::OsString, fmt, ops::RangeInclusive, path::PathBuf, str::FromStr};

pub use plan::JobLimits;
pub(crate) use plan::JobUser;
pub(crate) use running::{Confinement, Running};
#[cfg(target_os = "linux")]
pub use stage::stage;

use crate::Reaper;

/// How strong a sandbox is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A process group and nothing else: what a job starts has all rights of the daemon's user.
    None,
    /// Each job runs as a user of its own, which has to be given up by a daemon that is root.
    Uid,
    /// Each program of a job has a user, PID, mount, IPC and network namespace of its own; where the daemon is root
    /// each job runs as a user of its own as well.
    Namespaces,
}

/// What the operator wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The strongest level that works. It is never [`Level::None`] where there is something to protect.
    Auto,
    /// This level or no daemon.
    Only(Level),
}

/// Whether there is something to protect where the daemon works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// One that people use.
    Real,
    /// One that is simulated on this machine, with nothing to lose.
    Simulated,
}

/// What a sandbox is made from.
#[derive(Clone, Debug)]
pub struct SandboxSettings {
    /// What the operator wants.
    pub choice: Choice,
    /// Whether there is something to protect.
    pub site: Site,
    /// A program whose `main` calls [`stage`]; most often this very one.
    pub program: PathBuf,
    /// Where programs are looked for. Jobs can read these folders.
    pub path: OsString,
    /// Files and folders that jobs can read beside the system and the programs.
    pub readable: Vec<PathBuf>,
    /// Files and folders that no job can read, whatever they lie in.
    pub hidden: Vec<PathBuf>,
    /// The numbers of users and groups that nobody has but jobs.
    pub users: RangeInclusive<u32>,
    /// What a job may use up.
    pub limits: JobLimits,
}

/// There is no sandbox, and what there is to protect needs one.
#[derive(Debug, thiserror::Error)]
#[error("no sandbox works here: {}", .0.join("; "))]
pub struct NoSandbox(pub(crate) Vec<String>);

/// The boundary around jobs.
#[derive(Debug)]
pub struct Sandbox {
    level: Level,
    passed_over: Vec<String>,
    limits: JobLimits,
    reaper: Reaper,
    #[cfg(target_os = "linux")]
    means: choose::Means,
}

impl Sandbox {
    /// How strong it is.
    pub fn level(&self) -> Level {
        self.level
    }

    /// Why nothing stronger works, for each level that was wanted before it.
    pub fn passed_over(&self) -> &[String] {
        &self.passed_over
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Uid => "uid",
            Self::Namespaces => "namespaces",
        })
    }
}

impl FromStr for Choice {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "auto" => Ok(Self::Auto),
            "none" => Ok(Self::Only(Level::None)),
            "uid" => Ok(Self::Only(Level::Uid)),
            "namespaces" => Ok(Self::Only(Level::Namespaces)),
            _ => Err(()),
        }
    }
}

/// Does nothing: there are no stages on this system.
#[cfg(not(target_os = "linux"))]
pub fn stage(_arguments: impl IntoIterator<Item = OsString>) -> Option<std::process::ExitCode> {
    None
}
