//! Running the agent.

mod judge;

use std::net::TcpListener;

use domain::{Failure, FailureKind, Stage};
use jiff::{SignedDuration, Timestamp};
use tokio::task::spawn_blocking;
use tracing::{Instrument as _, field::Empty, info_span};

use self::judge::{Spending, judge};
use super::{JobContext, JobError, watch::Watching};
use crate::{
    agent_files,
    conversation::Conversation,
    harness::{AgentResult, Assignment},
    model::ModelAddress,
    process::Watch,
    prompt::{FILE, Pages, Prompt, prompt, said},
    unfit::Unfit,
};

/// Work is put off only if at least this much of its time is left afterwards.
const LEAST_TIME: SignedDuration = SignedDuration::from_mins(10);

/// How an agent's work came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AgentEnd {
    /// By itself, and well.
    Finished(AgentResult),
    /// In another way: what is in the checkout may be the half of something.
    Broken {
        /// Why.
        failure: Failure,
        /// What it told until then.
        account: AgentResult,
    },
}

impl JobContext<'_> {
    /// Runs the agent in the checkout to its end. Nothing it started is left when this returns.
    pub(super) async fn agent(&self, conversation: Conversation) -> Result<AgentEnd, JobError> {
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

    async fn run_agent(&self, conversation: Conversation) -> Result<AgentEnd, JobError> {
        let harness = &self.daemon.harness;
        self.progress.stage(
            Stage::Working,
            &format!("The agent {} starts", harness.name()),
        );
        let random = &*self.daemon.random;
        let prompt = self.told(conversation).await?;
        let assignment = Assignment {
            tools: self.payload.task.tools,
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
                self.progress.step(&text);
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
                self.progress
                    .step("The model's limit is reached; the work begins anew when it is lifted");
                Err(JobError::Limited(until))
            }
            None => Ok(end),
        }
    }

    /// What the agent is told, which is in its files too.
    async fn told(&self, conversation: Conversation) -> Result<Prompt, JobError> {
        let (payload, random) = (self.payload.clone(), self.daemon.random.clone());
        // What people wrote may be long and made to be read slowly, while the lease has to be kept.
        let reading = spawn_blocking(move || {
            let pages = Pages::default();
            let prompt = prompt(&payload, &conversation, &pages, &*random);
            let said = said(&payload, &conversation, &pages, &FILE);
            (prompt, said)
        });
        let (prompt, said) = reading.await.map_err(|error| {
            tracing::error!(%error, "what people said could not be put together");
            FailureKind::Internal
        })?;
        agent_files::write(self.workspace, self.payload, &said, &prompt.whole())
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
}
