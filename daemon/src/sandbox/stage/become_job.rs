//! Giving up all rights and becoming the program of a job.

use std::{
    os::unix::process::CommandExt as _,
    process::{Command, ExitCode},
};

use nix::sched::{CloneFlags, unshare};
use rustix::{
    fs::Mode,
    process::{Resource, Rlimit, getegid, geteuid, getrlimit, setrlimit, setsid, umask},
    stdio::dup2_stdin,
    thread::set_no_new_privs,
};

use super::{At as _, Program, StepError, drop_to, map_user, refused_calls};
use crate::sandbox::{
    control::Control,
    plan::{JobLimits, Plan, Rights},
};

/// Becomes the program. It only comes back if that fails.
pub(super) fn become_job(
    plan: &Plan,
    control: &Control,
    program: &Program,
) -> Result<ExitCode, StepError> {
    let input = control.take().at("take the program's input")?;
    setsid().at("lead a session")?;
    limit(plan.limits)?;
    // Where memory runs out the system is to end this one and not the daemon.
    let _where_possible = std::fs::write("/proc/self/oom_score_adj", "1000");
    match &plan.namespaces {
        Some(namespaces) if namespaces.rights == Rights::User => {
            // Above the namespaces that were furnished, the job has no rights over them: what was hidden stays so.
            let outside = (geteuid().as_raw(), getegid().as_raw());
            unshare(CloneFlags::CLONE_NEWUSER).at("make the job's own user namespace")?;
            map_user(namespaces.inside, outside)?;
        }
        _ => {
            if let Some(user) = plan.user {
                drop_to(user)?;
            }
        }
    }
    umask(Mode::from_raw_mode(0o022));
    std::env::set_current_dir(&plan.folder).at("enter the job's folder")?;
    set_no_new_privs(true).at("give up new privileges")?;
    refused_calls::refuse()?;
    for input in &input {
        dup2_stdin(input).at("take the program's input")?;
    }
    drop(input);
    let error = Command::new(&program.name).args(&program.arguments).exec();
    Err(error).at(EXECUTE)
}

/// The step at which a program turns out to be missing.
pub(in crate::sandbox) const EXECUTE: &str = "execute";

fn limit(limits: JobLimits) -> Result<(), StepError> {
    let wanted = [
        (Resource::Nproc, limits.processes),
        (Resource::Nofile, limits.open_files),
        (Resource::Fsize, limits.disk_bytes),
        (Resource::Core, 0),
        (Resource::Msgqueue, 0),
    ];
    for (resource, most) in wanted {
        // No more than this process may itself.
        let most = getrlimit(resource)
            .maximum
            .map_or(most, |maximum| maximum.min(most));
        let both = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, both).at("set a limit")?;
    }
    Ok(())
}
