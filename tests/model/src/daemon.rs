//! Worker daemons, which are not trusted, may be slow and may die.

use serde::Serialize;

use crate::{Content, Node, Run, process::Call};

/// What a daemon is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// It waits for a job.
    Idle,
    /// It has a message and asks for the job.
    Asking {
        /// The run.
        run: Run,
        /// The node.
        node: Node,
    },
    /// It has, or believes to have, a lease.
    Working {
        /// The run.
        run: Run,
        /// The node.
        node: Node,
        /// The fence of its lease.
        fence: u8,
        /// What it was given to do.
        content: Content,
        /// Whether it has heard that it should stop.
        told_to_stop: bool,
    },
}

/// A daemon, and the request that the worker API carries out for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Worker {
    /// What it is about.
    pub work: Work,
    /// Its request.
    pub call: Option<Call>,
}

impl Worker {
    /// One that waits for a job.
    pub const IDLE: Self = Self {
        work: Work::Idle,
        call: None,
    };

    /// The job whose message it has.
    pub const fn job(&self) -> Option<(Run, Node)> {
        match self.work {
            Work::Idle => None,
            Work::Asking { run, node } | Work::Working { run, node, .. } => Some((run, node)),
        }
    }

    /// Whether it is at work under this lease.
    pub fn holds(&self, run: Run, node: Node, fence: u8) -> bool {
        matches!(self.work, Work::Working { run: r, node: n, fence: f, .. } if (r, n, f) == (run, node, fence))
    }
}
