//! Starting a program that nothing holds back.

use std::{
    io,
    os::unix::process::CommandExt as _,
    process::{Command, Stdio},
};

use tokio::{
    process::{ChildStderr, ChildStdin, ChildStdout},
    sync::watch,
};

use super::Running;
use crate::{
    process::{Group, Invocation, StartError},
    workspace::Workspace,
};

/// Starts a program of the job that `workspace` belongs to with all rights of the daemon's user.
pub(super) fn start_freely(
    call: &Invocation,
    workspace: &Workspace,
) -> Result<Running, StartError> {
    let mut command = Command::new(&call.program);
    command
        .args(&call.arguments)
        .env_clear()
        .envs(call.environment.iter().map(|(name, value)| (name, value)))
        .current_dir(&call.folder)
        .stdin(Stdio::piped())
        .process_group(0);
    let group = |id| {
        #[cfg(target_os = "linux")]
        crate::descriptors::give_back(id);
        Group::of(id)
    };
    launch(command, workspace, group)
}

/// Starts the process, and a thread that waits for its end whoever else has lost interest.
pub(super) fn launch(
    mut command: Command,
    workspace: &Workspace,
    group: impl FnOnce(u32) -> Option<Group>,
) -> Result<Running, StartError> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => StartError::Missing(error),
        _ => StartError::System(error),
    })?;
    drop(command);
    let group = group(child.id());
    let input = child.stdin.take().map(ChildStdin::from_std).transpose();
    let output = child.stdout.take().map(ChildStdout::from_std).transpose();
    let errors = child.stderr.take().map(ChildStderr::from_std).transpose();
    let (told, end) = watch::channel(None);
    workspace.confinement().started(end.clone());
    std::thread::spawn(move || told.send_replace(Some(child.wait().ok())));
    Ok(Running {
        input: input.map_err(StartError::System)?,
        output: output.map_err(StartError::System)?,
        errors: errors.map_err(StartError::System)?,
        end,
        group,
        #[cfg(target_os = "linux")]
        control: None,
        #[cfg(target_os = "linux")]
        doors: Vec::new(),
    })
}

#[cfg(not(target_os = "linux"))]
impl super::Sandbox {
    /// Starts a program of the job that `workspace` belongs to.
    #[expect(
        clippy::unused_async,
        reason = "there is something to wait for on Linux"
    )]
    pub(crate) async fn start(
        &self,
        call: &Invocation,
        workspace: &Workspace,
    ) -> Result<Running, StartError> {
        start_freely(call, workspace)
    }
}

#[cfg(not(target_os = "linux"))]
impl Running {
    /// What is known of the end.
    #[expect(clippy::unused_self, reason = "there are stages to ask on Linux")]
    pub(crate) fn verdict(
        &self,
        seen: std::process::ExitStatus,
    ) -> Result<std::process::ExitStatus, StartError> {
        Ok(seen)
    }
}
