//! Running the agent and the checks.

use std::{ffi::OsString, time::Duration};

use contract::worker::CancelReason;
use domain::{FailureKind, Spent, Stage};
use tracing::{Instrument as _, Span, field::Empty, info_span};

use super::{Halt, Job};
use crate::{
    artefacts,
    harness::{Account, Assignment},
    lease::Stop,
    process::{End, Ended, Invocation, Limits, StartError, supervise},
    prompt::prompt,
    proposal::Checks,
};

impl Job<'_> {
    /// Runs the agent in the checkout to a good end. Nothing it started is left when this returns.
    pub(super) async fn agent(&self) -> Result<Account, Halt> {
        let harness = &self.daemon.harness;
        let span = info_span!(
            target: "otel",
            "invoke_agent",
            otel.name = format!("invoke_agent {}", harness.name()),
            gen_ai.operation.name = "invoke_agent",
            gen_ai.agent.name = harness.name(),
            gen_ai.provider.name = harness.provider(),
            gen_ai.request.model = Empty,
            gen_ai.usage.input_tokens = Empty,
            gen_ai.usage.output_tokens = Empty,
            "error.type" = Empty,
        );
        let result = self.run_agent().instrument(span.clone()).await;
        if result.is_err() {
            span.record("error.type", "failed");
        }
        result
    }

    async fn run_agent(&self) -> Result<Account, Halt> {
        let harness = &self.daemon.harness;
        self.news.stage(
            Stage::Working,
            &format!("The agent {} starts", harness.name()),
        );
        let random = &*self.daemon.random;
        let prompt = prompt(self.payload, random);
        artefacts::write(self.workspace, self.payload, &prompt).map_err(|error| {
            tracing::error!(%error, "what the agent is told cannot be written");
            FailureKind::Internal
        })?;
        let assignment = Assignment {
            verb: self.payload.verb,
            prompt: &prompt,
        };
        let start = harness.start(assignment, random);
        let mut reader = harness.reader();
        let mut on_line = |line: &str| {
            if let Some(text) = reader.line(line) {
                self.news.step(&text);
            }
        };
        let mut environment = self.environment();
        environment.extend(start.environment);
        let ended = self
            .supervised(start.command, environment, start.input, &mut on_line)
            .await?;
        self.keep_log("agent", &ended);
        let End::Exited(status) = ended.end else {
            return Err(stopped(ended.end).into());
        };
        let account = reader.end(status);
        self.spend(Spent {
            cost: account.cost,
            usage: None,
        });
        used(&account);
        tracing::info!(%status, failure = ?account.failure, "the agent has ended");
        account
            .failure
            .map_or(Ok(account), |failure| Err(failure.into()))
    }

    /// Runs the operator's checks in the checkout, as little trusted as the agent: what they run is the
    /// repository's own code.
    pub(super) async fn checks(&self) -> Result<Checks, Halt> {
        let Some(command) = &self.daemon.config.check else {
            return Ok(Checks::None);
        };
        self.news.stage(Stage::Checking, "The checks run");
        let command = command.iter().map(OsString::from).collect();
        let ran = self
            .supervised(command, self.environment(), Vec::new(), &mut |_| ())
            .await;
        let passed = match ran {
            Ok(ended) => {
                self.keep_log("checks", &ended);
                matches!(ended.end, End::Exited(status) if status.success())
            }
            Err(Halt::Failed(failure)) if failure.kind() == FailureKind::AgentMissing => {
                tracing::error!("the check command cannot be started");
                false
            }
            Err(halt) => return Err(halt),
        };
        self.news.step(if passed {
            "The checks passed"
        } else {
            "The checks failed"
        });
        Ok(if passed {
            Checks::Passed
        } else {
            Checks::Failed
        })
    }

    fn environment(&self) -> Vec<(OsString, OsString)> {
        artefacts::environment(self.workspace, self.payload, &self.daemon.config.path)
    }

    fn keep_log(&self, what: &str, ended: &Ended) {
        let name = format!("{}-{what}.log", self.payload.run);
        let logs = self.daemon.config.agent_logs.as_deref();
        artefacts::keep_log(self.workspace, logs, &name, &ended.tail);
    }

    async fn supervised(
        &self,
        mut command: Vec<OsString>,
        environment: Vec<(OsString, OsString)>,
        input: Vec<u8>,
        on_line: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Ended, Halt> {
        if command.is_empty() {
            return Err(FailureKind::AgentMissing.into());
        }
        let (limits, by_deadline) = self.limits();
        let call = Invocation {
            program: command.remove(0).into(),
            arguments: command,
            environment,
            folder: self.workspace.checkout(),
            input,
        };
        let ran = supervise(
            &call,
            limits,
            self.daemon.reaper,
            self.workspace.root(),
            on_line,
        )
        .await;
        match ran {
            Ok(Ended {
                end: End::TimedOut, ..
            }) if by_deadline => Err(Stop::Cancelled(CancelReason::Expired).into()),
            Ok(ended) => Ok(ended),
            Err(error @ StartError::Missing(_)) => {
                tracing::error!(%error, "a program is missing");
                Err(FailureKind::AgentMissing.into())
            }
            Err(error) => {
                tracing::error!(%error, "a program could not be run");
                Err(FailureKind::Internal.into())
            }
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
            idle: config.agent.idle,
            output_bytes: config.agent.output_bytes,
        };
        (limits, left < config.agent.wall)
    }
}

/// Says in the span of the agent what its model calls took.
fn used(account: &Account) {
    let span = Span::current();
    span.record("gen_ai.request.model", account.model.as_deref());
    span.record("gen_ai.usage.input_tokens", account.tokens.input);
    span.record("gen_ai.usage.output_tokens", account.tokens.output);
}

fn stopped(end: End) -> FailureKind {
    match end {
        End::TimedOut => FailureKind::AgentTimedOut,
        End::Flooded => FailureKind::AgentFlooded,
        End::Exited(_) => FailureKind::AgentFailed,
    }
}
