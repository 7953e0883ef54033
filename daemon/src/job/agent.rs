//! Running the agent and the checks.

use std::{ffi::OsString, net::TcpListener, process::ExitStatus, time::Duration};

use contract::worker::CancelReason;
use domain::{Cost, Failure, FailureKind, Spent, Stage, Usage};
use jiff::{SignedDuration, Timestamp};
use tracing::{Instrument as _, Span, field::Empty, info_span};

use super::{Halt, Job, watch::Watching};
use crate::{
    artefacts,
    conversation::Conversation,
    harness::{Account, Assignment, Reader, declined},
    lease::Stop,
    model::{Last, ModelAddress, Seen},
    outside::Outside,
    process::{End, Ended, Invocation, Limits, Pulse, StartError, Watch, supervise},
    prompt::{FILE, Prompt, prompt, said},
    proposal::Checks,
    sandbox::Level,
    unfit::Unfit,
};

/// Work is put off only if at least this much of its time is left afterwards.
const LEAST_TIME: SignedDuration = SignedDuration::from_mins(10);

/// How an agent's work came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AgentEnd {
    /// By itself, and well.
    Finished(Account),
    /// In another way: what is in the checkout may be the half of something.
    Broken {
        /// Why.
        failure: Failure,
        /// What it told until then.
        account: Account,
    },
}

impl Job<'_> {
    /// Runs the agent in the checkout to its end. Nothing it started is left when this returns.
    pub(super) async fn agent(&self, conversation: &Conversation) -> Result<AgentEnd, Halt> {
        let harness = &self.daemon.harness;
        let span = info_span!(
            target: "otel",
            "invoke_agent",
            otel.name = format!("invoke_agent {}", harness.name()),
            gen_ai.operation.name = "invoke_agent",
            gen_ai.agent.name = harness.name(),
            gen_ai.provider.name = self.daemon.model.as_ref().map(|model| model.wire().name()),
            gen_ai.request.model = Empty,
            gen_ai.usage.input_tokens = Empty,
            gen_ai.usage.output_tokens = Empty,
            "error.type" = Empty,
        );
        let result = self.run_agent(conversation).instrument(span.clone()).await;
        if !matches!(result, Ok(AgentEnd::Finished(_))) {
            span.record("error.type", "failed");
        }
        result
    }

    async fn run_agent(&self, conversation: &Conversation) -> Result<AgentEnd, Halt> {
        let harness = &self.daemon.harness;
        self.news.stage(
            Stage::Working,
            &format!("The agent {} starts", harness.name()),
        );
        let random = &*self.daemon.random;
        let prompt = self.told(conversation)?;
        let assignment = Assignment {
            verb: self.payload.verb,
            system: &prompt.system,
            prompt: &prompt.user,
        };
        let address = self.model_address()?;
        let start = harness.start(
            assignment,
            address.as_ref().map(ModelAddress::access),
            random,
        );
        let mut environment = self.environment();
        environment.extend(start.environment);
        let door = address.as_ref().map(ModelAddress::port);
        let seen = address.as_ref().map(|address| address.seen().clone());
        let spending = Spending {
            job: self,
            seen: seen.as_deref(),
        };
        let watching = Watching::begin(seen.clone(), self.daemon.config.agent);
        let mut reader = harness.reader();
        let mut on_line = |line: &str| {
            if let Some(text) = reader.line(line) {
                self.news.step(&text);
            }
            watching.note(&*reader);
        };
        let watch = Watch {
            on_line: &mut on_line,
            pulse: &watching.pulse,
            until: std::pin::pin!(watching.until()),
        };
        let ended = self
            .supervised(start.command, environment, start.input, door, watch)
            .await?;
        self.keep_log("agent", &ended);
        let end = judge(ended.end, reader, &watching, spending);
        match self.limited_until(&end) {
            Some(until) => {
                self.news
                    .step("The model's limit is reached; the work begins anew when it is lifted");
                Err(Halt::Limited(until))
            }
            None => Ok(end),
        }
    }

    /// What the agent is told, which is in its files too.
    fn told(&self, conversation: &Conversation) -> Result<Prompt, Unfit> {
        let prompt = prompt(self.payload, conversation, &*self.daemon.random);
        let said = said(self.payload, conversation, &FILE);
        artefacts::write(self.workspace, self.payload, &said, &prompt.whole())
            .map_err(Unfit::Folder)?;
        Ok(prompt)
    }

    /// Until when the work can be put off, if nothing but a limit of the model's provider is in its way and enough of its
    /// time is left afterwards.
    fn limited_until(&self, end: &AgentEnd) -> Option<Timestamp> {
        let AgentEnd::Broken { failure, .. } = end else {
            return None;
        };
        let until = failure.retries_at()?;
        let left = self.payload.deadline.duration_since(until);
        (failure.kind() == FailureKind::ModelLimited && left >= LEAST_TIME).then_some(until)
    }

    /// The address at which this job reaches its model, if the operator has set one.
    fn model_address(&self) -> Result<Option<ModelAddress>, FailureKind> {
        let Some(model) = &self.daemon.model else {
            return Ok(None);
        };
        let listener = TcpListener::bind(("127.0.0.1", 0));
        let served = listener.and_then(|listener| model.serve(listener, &*self.daemon.random));
        served.map(Some).map_err(|error| {
            tracing::error!(%error, "the model's address cannot be served");
            FailureKind::Internal
        })
    }

    /// Runs the operator's checks in the checkout, as little trusted as the agent: what they run is the
    /// repository's own code.
    pub(super) async fn checks(&self) -> Result<Checks, Halt> {
        let Some(command) = &self.daemon.config.check else {
            return Ok(Checks::None);
        };
        self.news.stage(Stage::Checking, "The checks run");
        let command = command.iter().map(OsString::from).collect();
        let pulse = Pulse::begin();
        let watch = Watch {
            on_line: &mut |_| (),
            pulse: &pulse,
            until: std::pin::pin!(std::future::pending()),
        };
        let ran = self
            .supervised(command, self.environment(), Vec::new(), None, watch)
            .await;
        let checks = match ran {
            Ok(ended) => {
                self.keep_log("checks", &ended);
                match ended.end {
                    End::Exited(status) if status.success() => Checks::Passed,
                    _ => Checks::Failed,
                }
            }
            Err(Halt::Failed(failure)) if failure.kind() == FailureKind::AgentMissing => {
                tracing::error!("the program of the checks is not there");
                Checks::Missing
            }
            Err(halt) => return Err(halt),
        };
        self.news.step(match checks {
            Checks::Passed => "The checks passed",
            Checks::Missing => "The checks could not run",
            Checks::Failed | Checks::None => "The checks failed",
        });
        Ok(checks)
    }

    /// The way to the internet of a program whose network is its own.
    async fn outside(&self) -> Result<Option<Outside>, Halt> {
        let daemon = self.daemon;
        if daemon.sandbox.level() != Level::Namespaces {
            return Ok(None);
        }
        let served = Outside::serve(&daemon.config.hosts).await;
        Ok(Some(served.map_err(Unfit::Processes)?))
    }

    fn environment(&self) -> Vec<(OsString, OsString)> {
        let path = &self.daemon.config.path;
        artefacts::environment(self.workspace, self.payload, &self.bot(), path)
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
        doors: Option<u16>,
        watch: Watch<'_>,
    ) -> Result<Ended, Halt> {
        if command.is_empty() {
            return Err(FailureKind::AgentMissing.into());
        }
        let (limits, by_deadline) = self.limits();
        let outside = self.outside().await?;
        let mut environment = environment;
        if let Some(outside) = &outside {
            environment.extend(artefacts::proxy(outside.port()));
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
            Ok(Ended {
                end: End::TimedOut, ..
            }) if by_deadline => Err(Stop::Cancelled(CancelReason::Expired).into()),
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

/// Makes of everything what came of it.
fn judge(
    end: End,
    reader: Box<dyn Reader>,
    watching: &Watching,
    spending: Spending<'_, '_>,
) -> AgentEnd {
    let status = match end {
        End::Exited(status) => Some(status),
        _ => None,
    };
    let mut account = reader.end(status);
    let seen = spending.seen;
    let told = account.failure.take();
    let failure = stopped(end, watching, seen).or_else(|| measured(told, seen, &account));
    account.model = seen.and_then(Seen::model).or(account.model);
    account.usage = seen.and_then(Seen::usage).or(account.usage);
    spending.settle(account.cost, account.usage);
    used(&account);
    match failure {
        None => {
            tracing::info!("the agent has ended");
            AgentEnd::Finished(account)
        }
        Some(failure) => {
            let status = status.and_then(|status| ExitStatus::code(&status));
            tracing::warn!(class = ?failure.kind(), process.exit.code = status, "the agent has ended without success");
            AgentEnd::Broken { failure, account }
        }
    }
}

/// What an agent has used so far is kept even if its job is dropped in the midst of it.
struct Spending<'a, 'j> {
    job: &'a Job<'j>,
    seen: Option<&'a Seen>,
}

impl Spending<'_, '_> {
    /// Says what it came to.
    fn settle(self, cost: Option<Cost>, usage: Option<Usage>) {
        let cost = cost.filter(|cost| *cost > Cost(0));
        let spent = Spent { cost, usage };
        self.job.spend(spent);
        std::mem::forget(self);
    }
}

impl Drop for Spending<'_, '_> {
    fn drop(&mut self) {
        let usage = self.seen.and_then(Seen::usage);
        self.job.spend(Spent { cost: None, usage });
    }
}

/// Says in the span of the agent what its model calls took.
fn used(account: &Account) {
    let span = Span::current();
    span.record("gen_ai.request.model", account.model.as_deref());
    if let Some(usage) = account.usage {
        let cached = usage
            .cache_write_tokens
            .saturating_add(usage.cache_read_tokens);
        let input = usage.input_tokens.saturating_add(cached);
        span.record("gen_ai.usage.input_tokens", input);
        span.record("gen_ai.usage.output_tokens", usage.output_tokens);
    }
}

/// Why an agent was ended from outside, if it was.
fn stopped(end: End, watching: &Watching, seen: Option<&Seen>) -> Option<Failure> {
    Some(match end {
        End::Exited(_) => return None,
        End::TimedOut => FailureKind::AgentTimedOut.into(),
        End::Idle => FailureKind::AgentIdle.into(),
        End::Flooded => FailureKind::AgentFlooded.into(),
        End::Overfull => FailureKind::DiskUsedUp.into(),
        End::Hopeless => match seen.map(Seen::last) {
            Some(Last::Failed(verdict)) => verdict.failure().clone(),
            _ => watching
                .hopeless()
                .unwrap_or_else(|| FailureKind::ModelUnavailable.into()),
        },
    })
}

/// Why an agent that ended by itself failed, if it did. What was measured on the way to the model counts more than
/// what the agent makes of it: an answer after a call that failed is none.
fn measured(told: Option<Failure>, seen: Option<&Seen>, account: &Account) -> Option<Failure> {
    let kind = told.as_ref().map(Failure::kind);
    let open = matches!(
        kind,
        None | Some(
            FailureKind::AgentFailed
                | FailureKind::ModelKeyRejected
                | FailureKind::ModelCreditExhausted
                | FailureKind::ModelUnknown
                | FailureKind::ModelLimited
                | FailureKind::ModelUnavailable
        )
    );
    match seen.map(Seen::last) {
        Some(Last::Failed(verdict)) if open => Some(verdict.failure().clone()),
        Some(Last::Declined) if matches!(kind, None | Some(FailureKind::AgentFailed)) => {
            Some(declined(account.words.as_deref()))
        }
        _ => told,
    }
}
