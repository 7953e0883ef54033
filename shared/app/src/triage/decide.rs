//! Decides what a delivery means, and does it.

use contract::DeliveryMessage;
use domain::{Command, DeliveryKey, InboundEvent, Refusal, SenderKind, StepName, Verb, Verdict};

use super::{
    Triage,
    request::Request,
    start_run::{Asked, Started},
    trace::Trace,
};
use crate::AppError;

impl Triage {
    /// The verdict on a delivery, with its effects done.
    pub(super) async fn decide(
        &self,
        key: &DeliveryKey,
        event: InboundEvent,
        message: &DeliveryMessage,
        trace: &mut Trace,
    ) -> Result<Verdict, AppError> {
        let Some(installation) = event.installation else {
            trace.note(StepName::Matched, "it names no installation of the app");
            return Ok(Verdict::Ignored);
        };
        let connection = self.connections.resolve(message.provider, installation);
        let Some(request) = Request::of(event.kind, &connection) else {
            trace.note(StepName::Matched, "it holds no command");
            return Ok(Verdict::Ignored);
        };
        trace.note(
            StepName::Matched,
            format!("{} on {}", name(request.command), request.target()),
        );
        if request.sender.kind == SenderKind::Bot {
            trace.note(StepName::Permitted, "a bot asks; bots are not listened to");
            return Ok(Verdict::Ignored);
        }
        if let Some(refusal) = self.admit(&request, &connection, trace).await? {
            return Ok(refused(refusal, &request));
        }
        match request.command {
            Command::Stop => self.stop(&request, trace).await,
            Command::Start(verb) => self.start(verb, key, request, message, trace).await,
        }
    }

    async fn stop(&self, request: &Request, trace: &mut Trace) -> Result<Verdict, AppError> {
        let runs = self
            .stop_runs(&request.actor(), &request.ticket.key())
            .await?;
        trace.note(
            StepName::Capped,
            format!("{runs} unfinished runs are asked to stop"),
        );
        if runs == 0 {
            return Ok(refused(Refusal::NothingToStop, request));
        }
        Ok(Verdict::Stopped { runs })
    }

    async fn start(
        &self,
        verb: Verb,
        key: &DeliveryKey,
        request: Request,
        message: &DeliveryMessage,
        trace: &mut Trace,
    ) -> Result<Verdict, AppError> {
        if !verb.applies_to(request.ticket.kind) {
            trace.note(
                StepName::Permitted,
                format!("{verb} does not apply to this kind of item"),
            );
            return Ok(refused(Refusal::WrongItem { verb }, &request));
        }
        let asked = Asked {
            verb,
            delivery: key,
            trace: &message.trace,
            request: &request,
        };
        let run = match self.start_run(&request.actor(), asked).await? {
            Started::New(run) => {
                trace.note(
                    StepName::Capped,
                    "no other run of this verb is unfinished here",
                );
                trace.note(StepName::Started, run.id.to_string());
                run
            }
            Started::Before(run) => {
                trace.note(
                    StepName::Started,
                    format!("{} exists from an attempt before", run.id),
                );
                run
            }
            Started::Occupied(run) => {
                trace.note(StepName::Capped, format!("{} is still unfinished", run.id));
                return Ok(refused(
                    Refusal::AlreadyRunning {
                        verb,
                        run: run.key(),
                    },
                    &request,
                ));
            }
        };
        self.jobs.send(&run).await?;
        trace.note(StepName::Queued, run.step.job.id.to_string());
        Ok(Verdict::Started { run: run.key() })
    }
}

fn name(command: Command) -> String {
    match command {
        Command::Start(verb) => verb.to_string(),
        Command::Stop => "stop".to_owned(),
    }
}

/// A refusal is told to the person who asked, except where nobody invited Switchyard to speak.
fn refused(refusal: Refusal, request: &Request) -> Verdict {
    let reply = match refusal {
        Refusal::OwnerNotAllowed | Refusal::NoAccess => None,
        Refusal::PermissionTooLow
        | Refusal::WrongItem { .. }
        | Refusal::AlreadyRunning { .. }
        | Refusal::NothingToStop => Some(request.reply()),
    };
    Verdict::Refused { refusal, reply }
}
