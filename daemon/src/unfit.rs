//! When a daemon must not go on.

use std::{io, process::ExitCode};

use crate::process::NotEmpty;

/// Why a daemon is not fit for any job. It ends, and whoever started it starts another.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// Jobs cannot have folders.
    #[error("the folder for jobs cannot be used: {0}")]
    Folder(#[from] io::Error),
    /// There is hardly any room left on the disk although no job is at work.
    #[error("the disk of the folder for jobs is full")]
    DiskFull,
    /// Git found no room on the disk, or may not write there, and nor does a trial.
    #[error("git finds no room on the disk, or may not write there")]
    NoRoom,
    /// The system starts no process.
    #[error("the system starts no process: {0}")]
    Processes(io::Error),
    /// Git is not installed, or cannot be started.
    #[error("git cannot be started: {0}")]
    Git(io::Error),
    /// It cannot be proved that nothing of a job runs any more.
    #[error("it cannot be proved that every process of a job has ended")]
    Leftovers,
}

impl From<NotEmpty> for Unfit {
    fn from(_: NotEmpty) -> Self {
        Self::Leftovers
    }
}

impl Unfit {
    /// What the daemon's process ends with: 3 if its machine is at fault, 4 if something may be left of a job.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Folder(_) | Self::DiskFull | Self::NoRoom | Self::Processes(_) | Self::Git(_) => {
                3
            }
            Self::Leftovers => 4,
        })
    }
}
