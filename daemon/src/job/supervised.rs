//! Running a program of a job's under its limits.

use std::{ffi::OsString, time::Duration};

use contract::worker::CancelReason;
use domain::FailureKind;

use super::{JobContext, JobError};
use crate::{
    agent_files,
    lease::StopReason,
    outside::Outside,
    process::{Invocation, Limits, ProcessExit, ProcessResult, StartError, Watch, supervise},
    sandbox::Level,
    unfit::Unfit,
};

impl JobContext<'_> {
    /// The way to the internet of a program whose network is its own.
    fn outside(&self) -> Result<Option<Outside>, JobError> {
        let daemon = self.daemon;
        if daemon.sandbox.level() != Level::Namespaces {
            return Ok(None);
        }
        let served = Outside::serve(&daemon.config.hosts);
        Ok(Some(served.map_err(Unfit::Processes)?))
    }

    pub(super) fn environment(&self) -> Vec<(OsString, OsString)> {
        let path = &self.daemon.config.path;
        agent_files::environment(self.workspace, self.payload, &self.bot(), path)
    }

    pub(super) fn keep_log(&self, what: &str, ended: &ProcessResult) {
        let name = format!("{}-{what}.log", self.payload.run);
        let logs = self.daemon.config.agent_logs.as_deref();
        agent_files::keep_log(self.workspace, logs, &name, &ended.tail);
    }

    pub(super) async fn supervised(
        &self,
        mut command: Vec<OsString>,
        environment: Vec<(OsString, OsString)>,
        input: Vec<u8>,
        doors: Option<u16>,
        watch: Watch<'_>,
    ) -> Result<ProcessResult, JobError> {
        if command.is_empty() {
            return Err(FailureKind::AgentMissing.into());
        }
        let (limits, by_deadline) = self.limits();
        let outside = self.outside()?;
        let mut environment = environment;
        if let Some(outside) = &outside {
            environment.extend(agent_files::proxy(outside.port()));
        }
        let doors = outside.iter().map(Outside::port).chain(doors).collect();
        let call = Invocation {
            program: command.remove(0).into(),
            arguments: command,
            environment,
            folder: self.workspace.checkout(),
            input,
            doors,
        };
        let sandbox = &self.daemon.sandbox;
        let ran = supervise(&call, limits, sandbox, self.workspace, watch).await;
        match ran {
            Ok(ProcessResult {
                end: ProcessExit::TimedOut,
                ..
            }) if by_deadline => Err(StopReason::Cancelled(CancelReason::Expired).into()),
            Ok(ended) => Ok(ended),
            Err(error @ StartError::Missing(_)) => {
                tracing::error!(%error, "a program is missing");
                Err(FailureKind::AgentMissing.into())
            }
            Err(StartError::System(error)) => Err(Unfit::Processes(error).into()),
            Err(StartError::NotEmpty(left)) => Err(Unfit::from(left).into()),
        }
    }

    // Says also whether the job's deadline comes before the agent's own limit.
    fn limits(&self) -> (Limits, bool) {
        let config = &self.daemon.config;
        let left = self
            .payload
            .deadline
            .duration_since(self.daemon.clock.now());
        let left = Duration::try_from(left).unwrap_or_default();
        let limits = Limits {
            wall: config.agent.wall.min(left),
            output_bytes: config.agent.output_bytes,
        };
        (limits, left < config.agent.wall)
    }
}
