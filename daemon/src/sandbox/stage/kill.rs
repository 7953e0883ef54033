//! Ending every process of one user at once.

use std::process::ExitCode;

use nix::{
    sys::signal::{Signal, kill},
    unistd::{Gid, Pid, Uid, setgroups, setresgid, setresuid},
};

use crate::sandbox::plan::JobUser;

/// Kills every process of `job`. The system goes through all processes while none can start another, so a program
/// that forks without pause loses too. This process is `killer` to everybody who might want to signal it first, and
/// `job` only in its right to signal.
pub(super) fn kill_all(killer: u32, job: JobUser) -> ExitCode {
    let (own, aim) = (Uid::from_raw(killer), Uid::from_raw(job.id()));
    let group = Gid::from_raw(killer);
    let ready = setgroups(&[])
        .and_then(|()| setresgid(group, group, group))
        .and_then(|()| setresuid(own, aim, own));
    if ready.is_err() || Uid::effective() != aim || Uid::current() != own {
        return ExitCode::FAILURE;
    }
    match kill(Pid::from_raw(-1), Signal::SIGKILL) {
        Ok(()) | Err(nix::errno::Errno::ESRCH) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
