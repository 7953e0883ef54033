//! Starting a program of a job.

use std::{
    io,
    net::TcpListener,
    os::{fd::OwnedFd, unix::process::ExitStatusExt as _},
    process::{self, Command, ExitStatus, Stdio},
    time::Duration,
};

use rustix::io::Errno;
use tokio::process::ChildStdin;

use super::{
    Level, Running, Sandbox,
    control::{Control, Word},
    door::Door,
    freely::{launch, start_freely},
    plan::{Namespaces, Plan, STAGE, Stage},
    stage::EXECUTE,
};
use crate::{
    process::{Group, Invocation, StartError},
    workspace::Workspace,
};

/// How long the making of namespaces may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// The status of a program that a signal 9 ended.
const KILLED: i32 = 9;
/// The number that a job sees its user as where the daemon's own is root.
const INSIDE: u32 = 1000;

impl Sandbox {
    /// Starts a program of the job that `workspace` belongs to.
    pub(crate) async fn start(
        &self,
        call: &Invocation,
        workspace: &Workspace,
    ) -> Result<Running, StartError> {
        if self.level == Level::None {
            return start_freely(call, workspace);
        }
        let (control, theirs) = Control::pair().map_err(StartError::System)?;
        let (input, writer) = io::pipe().map_err(StartError::System)?;
        let mut command = self.command(call, workspace).map_err(StartError::System)?;
        command.stdin(Stdio::from(theirs));
        let group = |id| (self.level == Level::Uid).then(|| Group::of(id)).flatten();
        let mut running = launch(command, workspace, group)?;
        let writer = process::ChildStdin::from(OwnedFd::from(writer));
        running.input = Some(ChildStdin::from_std(writer).map_err(StartError::System)?);
        let level = self.level;
        let handed = tokio::task::spawn_blocking(move || {
            let listeners = hand_over(&control, &input.into(), level)?;
            Ok((control, listeners))
        });
        let (control, listeners) = handed.await.map_err(lost)?.map_err(StartError::System)?;
        running.control = Some(control);
        for (listener, port) in listeners.into_iter().zip(&call.doors) {
            let door = Door::open(listener, *port).map_err(StartError::System)?;
            running.doors.push(door);
        }
        Ok(running)
    }

    fn command(&self, call: &Invocation, workspace: &Workspace) -> io::Result<Command> {
        let user = workspace.confinement().user();
        let own = rustix::process::geteuid().as_raw();
        let inside = user.map_or(if own == 0 { INSIDE } else { own }, super::JobUser::id);
        let namespaces = (self.level == Level::Namespaces).then(|| Namespaces {
            rights: self.means.rights,
            root: workspace.mount_point(),
            mounts: self.means.view.of(workspace),
            inside,
            doors: call.doors.clone(),
        });
        let plan = Plan {
            user,
            namespaces,
            folder: call.folder.clone(),
            limits: self.limits,
        };
        let stage = match self.level {
            Level::Namespaces => Stage::Enter(plan),
            Level::Uid | Level::None => Stage::Become(plan),
        };
        let mut command = Command::new(&self.means.program);
        command
            .args([STAGE, &serde_json::to_string(&stage)?])
            .arg(&call.program)
            .args(&call.arguments)
            .env_clear()
            .envs(call.environment.iter().map(|(name, value)| (name, value)))
            .current_dir("/");
        Ok(command)
    }
}

fn lost(error: tokio::task::JoinError) -> StartError {
    StartError::System(io::Error::other(error))
}

/// Gives the program its input, and takes the listeners that its namespaces hand out.
fn hand_over(control: &Control, input: &OwnedFd, level: Level) -> io::Result<Vec<TcpListener>> {
    use std::os::fd::AsFd as _;
    // A stage that has failed is asked for its reason in the end.
    let _failed = control.give(&[input.as_fd()]);
    if level != Level::Namespaces {
        return Ok(Vec::new());
    }
    control.patience(PATIENCE)?;
    let listeners = control.take().unwrap_or_default();
    Ok(listeners.into_iter().map(TcpListener::from).collect())
}

impl Running {
    /// What the stages said of the end: the status of the program, if they know better than `seen`, or why it never
    /// started. It must have ended.
    pub(crate) fn verdict(&self, seen: ExitStatus) -> Result<ExitStatus, StartError> {
        let Some(control) = &self.control else {
            return Ok(seen);
        };
        // An init that could not say how the program ended was killed itself, and the program with it.
        let mut status = match self.group {
            Some(_) => seen,
            None => ExitStatus::from_raw(KILLED),
        };
        for word in control.words() {
            match word {
                Word::Failed { step, errno } => return Err(failed(&step, errno)),
                Word::Ended(raw) => status = ExitStatus::from_raw(raw),
            }
        }
        Ok(status)
    }
}

fn failed(step: &str, errno: i32) -> StartError {
    let error = Errno::from_raw_os_error(errno);
    let said = io::Error::new(error.kind(), format!("{step}: {error}"));
    match error {
        Errno::NOENT | Errno::ACCESS if step == EXECUTE => StartError::Missing(said),
        _ => StartError::System(said),
    }
}
