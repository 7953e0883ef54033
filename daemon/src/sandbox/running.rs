//! A program of a job at work.

use std::{
    io,
    process::ExitStatus,
    sync::{Mutex, PoisonError},
};

use rustix::process::Signal;
use tokio::{
    process::{ChildStderr, ChildStdin, ChildStdout},
    sync::watch,
};

use super::JobUser;
#[cfg(target_os = "linux")]
use super::control::Control;
use crate::process::Group;

/// How the first process of a program ended, once it has: nothing if the system lost track of it.
pub(super) type End = watch::Receiver<Option<Option<ExitStatus>>>;

/// What confines one job, and every program that was started in it.
#[derive(Debug)]
pub(crate) struct Confinement {
    user: Option<JobUser>,
    started: Mutex<Vec<End>>,
}

impl Confinement {
    /// Of a job that runs as `user`, or as the daemon's own.
    pub(crate) fn new(user: Option<JobUser>) -> Self {
        Self {
            user,
            started: Mutex::new(Vec::new()),
        }
    }

    /// The user that the job runs as, if not the daemon's.
    pub(crate) fn user(&self) -> Option<JobUser> {
        self.user
    }

    /// Remembers that a program was started.
    pub(super) fn started(&self, end: End) {
        self.lock().push(end);
    }

    /// All that was started and not yet seen to have ended.
    pub(super) fn take_started(&self) -> Vec<End> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<End>> {
        self.started.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A program of a job. It is told to end at once when this is dropped; [`super::Sandbox::clear`] says when it has.
#[derive(Debug)]
pub(crate) struct Running {
    /// What it reads.
    pub(crate) input: Option<ChildStdin>,
    /// What it writes.
    pub(crate) output: Option<ChildStdout>,
    /// What it complains of.
    pub(crate) errors: Option<ChildStderr>,
    pub(super) end: End,
    pub(super) group: Option<Group>,
    #[cfg(target_os = "linux")]
    pub(super) control: Option<Control>,
    #[cfg(target_os = "linux")]
    pub(super) doors: Vec<super::door::Door>,
}

impl Running {
    /// Waits for the end of its first process. Where namespaces are its own, that of all others came before.
    pub(crate) async fn ended(&mut self) -> io::Result<ExitStatus> {
        let ended = self.end.wait_for(Option::is_some).await;
        let status = ended.ok().and_then(|status| *status).flatten();
        status.ok_or_else(|| io::Error::other("the system lost track of a process"))
    }

    /// Asks it to end.
    pub(crate) fn terminate(&self) {
        #[cfg(target_os = "linux")]
        if let (Some(control), None) = (&self.control, &self.group) {
            // If nobody listens it is ending already.
            let _ending = control.ask(super::control::TERMINATE);
            return;
        }
        if let Some(group) = &self.group {
            group.signal(Signal::TERM);
        }
    }

    /// Ends it at once.
    pub(crate) fn kill(&self) {
        if let Some(group) = &self.group {
            group.signal(Signal::KILL);
        }
        #[cfg(target_os = "linux")]
        if let Some(control) = &self.control {
            control.hang_up();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}
