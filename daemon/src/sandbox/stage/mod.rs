//! The processes of a sandbox. Each is the daemon's own program, started again with the word `sandbox-stage`: it
//! does its part with one thread, before there is a runtime, and becomes or starts the next.

mod become_job;
mod enter;
mod init;
mod kill;
mod loopback;
mod mounts;
mod refused_calls;

use std::{
    ffi::OsString,
    io,
    process::{Command, ExitCode},
};

use nix::unistd::{Gid, Uid, setgroups, setresgid, setresuid};

use super::{
    control::{Control, Word},
    plan::{JobUser, STAGE, Stage},
};

/// This very program, wherever it lies and whether or not it is still there.
pub(super) const SELF: &str = "/proc/self/exe";

/// The arguments with which this program does nothing, and shows that it could be started.
pub(super) fn nothing() -> Vec<OsString> {
    let nothing = serde_json::to_string(&Stage::Nothing).unwrap_or_default();
    vec![STAGE.into(), nothing.into()]
}

pub(super) use become_job::EXECUTE;

/// What went wrong in a stage.
#[derive(Debug)]
struct StepError {
    step: &'static str,
    error: io::Error,
}

/// Names the step that fails.
trait At<T> {
    fn at(self, step: &'static str) -> Result<T, StepError>;
}

impl<T, E: Into<io::Error>> At<T> for Result<T, E> {
    fn at(self, step: &'static str) -> Result<T, StepError> {
        self.map_err(|error| StepError {
            step,
            error: error.into(),
        })
    }
}

/// The program of a job and its arguments.
struct Program {
    name: OsString,
    arguments: Vec<OsString>,
}

/// Does the part of a sandbox that `arguments`, the program's own, name; nothing if they name none. A program that
/// runs daemons calls this first of all, while it has a single thread.
pub fn stage(arguments: impl IntoIterator<Item = OsString>) -> Option<ExitCode> {
    let mut arguments = arguments.into_iter().skip(1);
    if arguments.next()? != STAGE {
        return None;
    }
    let stage = arguments.next()?.into_string().ok()?;
    let stage = serde_json::from_str(&stage).ok()?;
    let program = arguments.next().map(|name| Program {
        name,
        arguments: arguments.collect(),
    });
    Some(perform(stage, program))
}

fn perform(stage: Stage, program: Option<Program>) -> ExitCode {
    let done = match stage {
        Stage::Nothing => return ExitCode::SUCCESS,
        Stage::Kill { killer, job } => return kill::kill_all(killer, job),
        stage => match (close_inherited(), Control::inherited(), program) {
            (Ok(()), Ok(control), Some(program)) => {
                let done = confine(stage, &control, &program);
                done.map_err(|failed| report(&control, &failed))
            }
            _ => Err(()),
        },
    };
    done.unwrap_or(ExitCode::FAILURE)
}

fn confine(stage: Stage, control: &Control, program: &Program) -> Result<ExitCode, StepError> {
    match stage {
        Stage::Enter(plan) => enter::enter(plan, control, program),
        Stage::Init(plan) => init::init(plan, control, program),
        Stage::Become(plan) => become_job::become_job(&plan, control, program),
        Stage::Kill { .. } | Stage::Nothing => Ok(ExitCode::SUCCESS),
    }
}

fn report(control: &Control, failed: &StepError) {
    let word = Word::Failed {
        step: failed.step.to_owned(),
        errno: failed.error.raw_os_error().unwrap_or_default(),
    };
    // Whoever cannot be told sees at least that this process failed.
    let _told = control.tell(&word);
}

/// A call of the next stage with the same program of the job.
fn next(stage: &Stage, program: &Program) -> Result<Command, StepError> {
    let text = serde_json::to_string(stage).at("write the next stage's plan")?;
    let mut command = Command::new(SELF);
    command
        .args([STAGE, &text])
        .arg(&program.name)
        .args(&program.arguments);
    Ok(command)
}

/// Becomes `user` for good.
fn drop_to(user: JobUser) -> Result<(), StepError> {
    let (uid, gid) = (Uid::from_raw(user.id()), Gid::from_raw(user.id()));
    setgroups(&[]).at("drop the groups")?;
    setresgid(gid, gid, gid).at("change the group")?;
    setresuid(uid, uid, uid).at("change the user")
}

/// Closes everything that was inherited beyond the three standard streams.
fn close_inherited() -> Result<(), StepError> {
    let open: Vec<i32> = std::fs::read_dir("/proc/self/fd")
        .at("list the descriptors")?
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|descriptor| *descriptor > 2)
        .collect();
    for descriptor in open {
        // The one that listed them is gone already.
        let _closed = nix::unistd::close(descriptor);
    }
    Ok(())
}

/// Says in a new user namespace that its user `inside` is this process's user `outside`, and nobody else is anybody.
fn map_user(inside: u32, (user, group): (u32, u32)) -> Result<(), StepError> {
    std::fs::write("/proc/self/setgroups", "deny").at("keep the groups from changing")?;
    std::fs::write("/proc/self/gid_map", format!("{inside} {group} 1")).at("map the group")?;
    std::fs::write("/proc/self/uid_map", format!("{inside} {user} 1")).at("map the user")
}
