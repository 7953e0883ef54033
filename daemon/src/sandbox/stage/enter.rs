//! Entering new namespaces.

use std::{
    net::{Ipv4Addr, TcpListener},
    os::fd::AsFd as _,
    process::ExitCode,
};

use nix::sched::{CloneFlags, unshare};
use rustix::process::{DumpableBehavior, getegid, geteuid, set_dumpable_behavior, setsid};

use super::{At as _, Program, StepError, drop_to, loopback, map_user, next};
use crate::sandbox::{
    control::Control,
    plan::{Plan, Rights, Stage},
};

/// Enters namespaces of its own and starts their init. It ends after the init has, and the system lets that end
/// only after every process of its namespace: so this one's end proves that none is left.
pub(super) fn enter(
    plan: Plan,
    control: &Control,
    program: &Program,
) -> Result<ExitCode, StepError> {
    // A terminal of the daemon's is none of the job's.
    setsid().at("leave the terminal")?;
    let flags = CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWUTS
        | CloneFlags::CLONE_NEWNET;
    match plan.namespaces.as_ref().map(|made| made.rights) {
        Some(Rights::Root) => unshare(flags).at("make namespaces")?,
        Some(Rights::User) | None => {
            if let Some(user) = plan.user {
                drop_to(user)?;
                // The system hides from a process that changed its user the files in which it maps users.
                set_dumpable_behavior(DumpableBehavior::Dumpable).at("see its own files")?;
            }
            let outside = (geteuid().as_raw(), getegid().as_raw());
            unshare(flags | CloneFlags::CLONE_NEWUSER).at("make namespaces")?;
            map_user(0, outside)?;
        }
    }
    loopback::up()?;
    let doors = plan.namespaces.iter().flat_map(|made| &made.doors);
    let listeners = doors
        .map(|port| listen(*port))
        .collect::<Result<Vec<_>, _>>()?;
    let descriptors: Vec<_> = listeners.iter().map(|listener| listener.as_fd()).collect();
    control.give(&descriptors).at("hand out the listeners")?;
    drop(listeners);
    let mut init = next(&Stage::Init(plan), program)?;
    let mut init = init.spawn().at("start the init")?;
    init.wait().at("wait for the init")?;
    Ok(ExitCode::SUCCESS)
}

fn listen(port: u16) -> Result<TcpListener, StepError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).at("listen in the namespace")
}
