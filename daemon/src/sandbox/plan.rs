//! What the stages of a sandbox are told.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The word that makes the daemon's program a stage of a sandbox instead of a daemon.
pub(super) const STAGE: &str = "sandbox-stage";

/// The user that one job runs as, and its group of the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct JobUser(u32);

impl JobUser {
    /// The user with this number.
    pub(super) const fn new(id: u32) -> Self {
        Self(id)
    }

    /// The number of the user and of its group.
    pub(crate) const fn id(self) -> u32 {
        self.0
    }
}

/// What one job may use up of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobLimits {
    /// How many processes and threads it may have at a time.
    pub processes: u64,
    /// How many files one process may have open.
    pub open_files: u64,
    /// How many bytes its files may have together. No single file grows beyond.
    pub disk_bytes: u64,
    /// How many files and folders it may have.
    pub files: u64,
}

/// One part of what a job sees of the file system. Later ones lie over earlier ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Mount {
    /// A file or folder of the machine with all below it, which the job may read. Skipped where the job's user
    /// may not get there.
    Readable(PathBuf),
    /// A symbolic link.
    Link {
        /// Where.
        at: PathBuf,
        /// Where it leads.
        to: PathBuf,
    },
    /// An empty folder in the place of this one.
    Hidden(PathBuf),
    /// A file or folder of the job's own.
    Own {
        /// Where it lies on the machine.
        from: PathBuf,
        /// Where the job sees it.
        at: PathBuf,
        /// Whether the job may change it.
        access: Access,
    },
}

/// What a job may do with something of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Access {
    /// Read it.
    Read,
    /// Change it.
    Write,
}

/// Whose rights the namespaces of a job are made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Rights {
    /// Those of root, which are given up before the job's program begins.
    Root,
    /// Those that any user has in a user namespace of its own.
    User,
}

/// How the namespaces of a job are furnished.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Namespaces {
    /// Whose rights they are made with.
    pub(super) rights: Rights,
    /// An empty folder that the job's root is put together in.
    pub(super) root: PathBuf,
    /// What the job sees, in order.
    pub(super) mounts: Vec<Mount>,
    /// The number of the user and group that the job sees itself as.
    pub(super) inside: u32,
    /// Ports of the loopback that the daemon answers.
    pub(super) doors: Vec<u16>,
}

/// How one program is confined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Plan {
    /// The user it runs as, if not the daemon's.
    pub(super) user: Option<JobUser>,
    /// Its namespaces, if it has its own.
    pub(super) namespaces: Option<Namespaces>,
    /// The folder it starts in.
    pub(super) folder: PathBuf,
    /// What it may use up.
    pub(super) limits: JobLimits,
}

/// What one process of a sandbox has to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Stage {
    /// Enter new namespaces, start their init and wait for its end.
    Enter(Plan),
    /// Be process 1 of the namespaces: put the file system together, start the program, bury what ends.
    Init(Plan),
    /// Give up all rights and become the program.
    Become(Plan),
    /// Kill every process of `job` at once, as a user whom that one cannot signal.
    Kill {
        /// A user that no job ever has.
        killer: u32,
        /// Whose processes end.
        job: JobUser,
    },
    /// Do nothing and succeed, which shows that a sandbox works.
    Nothing,
}
