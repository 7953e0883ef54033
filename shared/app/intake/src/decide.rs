//! Decides what a request means, and does it.

use contract::DeliveryMessage;
use domain::{
    Command, CommitSha, Connection, DeliveryId, ItemKind, Refusal, Run, Say, SenderKind, StepName,
    Task, Verdict,
};
use policy::{Allowed, GetHelp, StartRun, StopRuns};
use ports::ProviderError;
use runs::{AppError, Dispatched, StartRequest, Started};
use store::Spoken;

use crate::{
    Triage,
    request::{Request, Wanted},
    trace::Trace,
};

impl Triage {
    /// The verdict on a request, with its effects done.
    pub(crate) async fn decide(
        &self,
        request: &Request,
        connection: &Connection,
        message: &DeliveryMessage,
        trace: &mut Trace,
    ) -> Result<Verdict, AppError> {
        trace.note(
            StepName::Matched,
            format!("{} on {}", name(request.wanted), request.target()),
        );
        if request.sender.kind == SenderKind::Bot {
            trace.note(StepName::Permitted, "a bot asks; bots are not listened to");
            return Ok(Verdict::Ignored);
        }
        let refusal = match request.wanted {
            Wanted::Command(Command::Stop) => {
                match self.admit(StopRuns, request, connection, trace).await? {
                    Ok(allowed) => {
                        let delivery = &message.delivery;
                        return self.stop(&allowed, delivery, request, trace).await;
                    }
                    Err(refusal) => refusal,
                }
            }
            Wanted::Command(Command::Start(name)) => {
                let definition = self.definitions.newest(name).ok_or(AppError::Missing {
                    what: "the definition that is asked for",
                })?;
                let (task, start) = (
                    definition.task(),
                    StartRun::of(definition.reference(), definition.task()),
                );
                match self.admit(start, request, connection, trace).await? {
                    Ok(allowed) => {
                        return self.start(&allowed, task, request, message, trace).await;
                    }
                    Err(refusal) => refusal,
                }
            }
            Wanted::NearMiss(miss) => {
                match self.admit(GetHelp, request, connection, trace).await? {
                    Ok(_) => return Ok(refused(Refusal::NearMiss { miss }, request)),
                    Err(refusal) => refusal,
                }
            }
        };
        self.turn_away(refusal, &message.delivery, request).await
    }

    async fn stop(
        &self,
        allowed: &Allowed<StopRuns>,
        delivery: &DeliveryId,
        request: &Request,
        trace: &mut Trace,
    ) -> Result<Verdict, AppError> {
        let runs = self
            .runs
            .stop_runs(allowed, request.asked, delivery)
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
        allowed: &Allowed<StartRun>,
        task: &Task,
        request: &Request,
        message: &DeliveryMessage,
        trace: &mut Trace,
    ) -> Result<Verdict, AppError> {
        let name = allowed.action().definition().name;
        let kind = allowed.subject().kind();
        if !task.applies_to(kind) {
            trace.note(
                StepName::Permitted,
                format!("{name} does not apply to this kind of item"),
            );
            return Ok(refused(Refusal::WrongItem { name, kind }, request));
        }
        let revision = match self.revision(allowed, request).await {
            Ok(revision) => revision,
            Err(AppError::Provider(ProviderError::Gone | ProviderError::Forbidden)) => {
                trace.note(StepName::Permitted, "the app may not see the pull request");
                return Ok(refused(Refusal::NoAccess, request));
            }
            Err(error) => return Err(error),
        };
        let asked = StartRequest {
            origin: &request.origin(&message.delivery, &message.trace),
            revision: revision.as_ref(),
            brief: &request.brief,
        };
        let started = self.runs.start_run(allowed, asked).await?;
        noted(&started, trace);
        match started {
            Started::New(run) | Started::AlreadyStarted(run) => self.dispatch(&run, trace).await,
            Started::Busy(run) => {
                let run = run.key();
                Ok(refused(Refusal::AlreadyRunning { name, run }, request))
            }
            Started::Overtaken(run) => {
                let run = run.key();
                Ok(refused(Refusal::AskedAgain { name, run }, request))
            }
        }
    }

    /// What to work on: what the pull request was when it was decided on, whatever is pushed to it later.
    async fn revision(
        &self,
        allowed: &Allowed<StartRun>,
        request: &Request,
    ) -> Result<Option<CommitSha>, AppError> {
        let (subject, target) = (allowed.subject(), allowed.target());
        match (subject.kind(), &request.head) {
            (ItemKind::Issue, _) => Ok(None),
            (ItemKind::PullRequest, Some(head)) => Ok(Some(head.clone())),
            (ItemKind::PullRequest, None) => {
                let head = self.code_host.pull_head(target, subject.item());
                Ok(Some(head.await?.revision))
            }
        }
    }

    async fn dispatch(&self, run: &Run, trace: &mut Trace) -> Result<Verdict, AppError> {
        match self.runs.dispatch_run(run).await? {
            Dispatched::Queued(job) => trace.note(StepName::Queued, job.to_string()),
            Dispatched::Stopped(by) => {
                trace.note(StepName::Capped, format!("{by} asked to stop since"));
            }
            Dispatched::Finished => {}
        }
        Ok(Verdict::Started { run: run.key() })
    }

    /// Refuses somebody who may not ask. They are told why once on a subject, and not while others were told in the
    /// same minute: what an installation may write is not spent on people without rights. Everything else that
    /// they get is a sign.
    pub(crate) async fn turn_away(
        &self,
        refusal: Refusal,
        delivery: &DeliveryId,
        request: &Request,
    ) -> Result<Verdict, AppError> {
        if let Wanted::NearMiss(_) = request.wanted {
            // Whoever may not ask need not know how.
            return Ok(Verdict::Ignored);
        }
        if !matches!(refusal, Refusal::PermissionTooLow | Refusal::Broken) {
            return Ok(refused(refusal, request));
        }
        let (now, subject) = (self.clock.now(), &request.subject);
        let account = request.sender.account.account();
        let key = subject.key();
        let person = self.store.answer_person(&key, account, delivery, now);
        let spoken = match person.await? {
            Spoken::Now => {
                let connection = subject.connection();
                let stranger = self.store.answer_stranger(connection, delivery, now);
                stranger.await?
            }
            Spoken::Before => Spoken::Before,
        };
        let mut reply = request.reply();
        if spoken == Spoken::Before {
            reply.say = Say::Sign;
        }
        let reply = Some(Box::new(reply));
        Ok(Verdict::Refused { refusal, reply })
    }
}

fn name(wanted: Wanted) -> String {
    match wanted {
        Wanted::Command(command) => command.word().to_owned(),
        Wanted::NearMiss(_) => "what was meant as a command".to_owned(),
    }
}

fn noted(started: &Started, trace: &mut Trace) {
    match started {
        Started::New(run) => {
            let free = "no other run of this definition is unfinished here";
            trace.note(StepName::Capped, free);
            trace.note(StepName::Started, run.id.to_string());
        }
        Started::AlreadyStarted(run) => {
            let before = format!("{} exists from an attempt before", run.id);
            trace.note(StepName::Started, before);
        }
        Started::Busy(run) => {
            trace.note(StepName::Capped, format!("{} is still unfinished", run.id));
        }
        Started::Overtaken(run) => {
            let since = format!("{} was asked for since", run.id);
            trace.note(StepName::Capped, since);
        }
    }
}

/// A refusal is told to the person who asked, except where nobody invited Switchyard to speak.
pub(crate) fn refused(refusal: Refusal, request: &Request) -> Verdict {
    let reply = match refusal {
        Refusal::OwnerNotAllowed | Refusal::NoAccess => None,
        Refusal::PermissionTooLow
        | Refusal::WrongItem { .. }
        | Refusal::AlreadyRunning { .. }
        | Refusal::AskedAgain { .. }
        | Refusal::NothingToStop
        | Refusal::NearMiss { .. }
        | Refusal::Broken
        | Refusal::GivenUp => Some(Box::new(request.reply())),
    };
    Verdict::Refused { refusal, reply }
}
