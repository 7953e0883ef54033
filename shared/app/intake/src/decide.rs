//! Decides what a request means, and does it.

use contract::DeliveryMessage;
use domain::{
    Command, CommitSha, Connection, Delivery, DeliveryId, Intent, ItemKind, Refusal, Say,
    SenderKind, StepName, StopRequest, Task, Verdict,
};
use policy::{Allowed, GetHelp, StartRun, StopRuns};
use ports::ProviderError;
use runs::{AppError, OpenDelivery, StartRequest, Started, Stopped};
use store::Spoken;

use crate::{
    Triage,
    handled::Handled,
    request::{Request, Wanted},
};

impl Triage {
    /// What comes of a request, with its effects done. What is on record to be done is not decided again.
    pub(crate) async fn decide(
        &self,
        request: &Request,
        connection: &Connection,
        message: &DeliveryMessage,
        record: &mut OpenDelivery,
    ) -> Result<Handled, AppError> {
        if let Some(intent) = record.read().and_then(|read| read.value().verdict.intent()) {
            let resumed = self.resume(&intent, request, message, record);
            return Box::pin(resumed).await;
        }
        self.note(
            record,
            StepName::Matched,
            format!("{} on {}", name(request.wanted), request.target()),
        );
        if request.sender.kind == SenderKind::Bot {
            let bot = "a bot asks; bots are not listened to";
            self.note(record, StepName::Permitted, bot);
            return Ok(verdict(Verdict::Ignored, record));
        }
        let refusal = match request.wanted {
            Wanted::Command(Command::Stop) => {
                match self.admit(StopRuns, request, connection, record).await? {
                    Ok(allowed) => {
                        let delivery = &message.delivery;
                        return self.stop(&allowed, delivery, request, record).await;
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
                match self.admit(start, request, connection, record).await? {
                    Ok(allowed) => {
                        return self.start(&allowed, task, request, message, record).await;
                    }
                    Err(refusal) => refusal,
                }
            }
            Wanted::NearMiss(miss) => {
                match self.admit(GetHelp, request, connection, record).await? {
                    Ok(_) => {
                        let refused = refused(Refusal::NearMiss { miss }, request);
                        return Ok(verdict(refused, record));
                    }
                    Err(refusal) => refusal,
                }
            }
        };
        let turned = self.turn_away(refusal, &message.delivery, request);
        Ok(verdict(turned.await?, record))
    }

    /// Goes on with what is on record to be done.
    async fn resume(
        &self,
        intent: &Intent,
        request: &Request,
        message: &DeliveryMessage,
        record: &mut OpenDelivery,
    ) -> Result<Handled, AppError> {
        let read = record.read().map(|read| read.value().clone());
        match intent {
            Intent::Start(_) | Intent::Wait(_) => {
                let origin = request.origin(&message.delivery, &message.trace);
                let of = (&request.subject, &request.target, &origin);
                let started = self.runs.resume_start(of, &request.brief, record).await?;
                if started != Started::Recorded {
                    return Ok(handled(started, request, record));
                }
            }
            Intent::Stop { .. } => {
                let stop = StopRequest {
                    by: request.sender.account.clone(),
                    asked: request.asked,
                    delivery: message.delivery.clone(),
                };
                let subject = request.subject.key();
                self.runs.resume_stop(&subject, &stop, record).await?;
            }
        }
        self.resumed(read, record).await
    }

    /// An interrupted delivery is interrupted no more once what it was about to do is done.
    async fn resumed(
        &self,
        read: Option<Delivery>,
        record: &mut OpenDelivery,
    ) -> Result<Handled, AppError> {
        let there = record.read().map(|read| read.value().clone());
        let Some(there) = there.or(read) else {
            return Ok(Handled::Raced);
        };
        let Verdict::Interrupted {
            intent: Some(intent),
            ..
        } = &there.verdict
        else {
            return Ok(Handled::Resumed(Box::new(there)));
        };
        let verdict = match intent.as_ref().clone() {
            Intent::Start(start) => Verdict::Starting { start },
            Intent::Wait(start) => Verdict::Waiting { start },
            Intent::Stop { runs, waiting } => Verdict::Stopping { runs, waiting },
        };
        let swapped = record.swap(&self.store, verdict, self.clock.now()).await?;
        Ok(match swapped {
            Ok(()) => Handled::Recorded(Box::new(record.delivery().clone())),
            Err(_) => Handled::Raced,
        })
    }

    fn note(&self, record: &mut OpenDelivery, step: StepName, detail: impl Into<String>) {
        record.note(self.clock.now(), step, detail);
    }

    async fn stop(
        &self,
        allowed: &Allowed<StopRuns>,
        delivery: &DeliveryId,
        request: &Request,
        record: &mut OpenDelivery,
    ) -> Result<Handled, AppError> {
        let stopped = self
            .runs
            .stop_runs(allowed, request.asked, delivery, record)
            .await?;
        Ok(match stopped {
            Stopped::Recorded => Handled::Recorded(Box::new(record.delivery().clone())),
            Stopped::Nothing => verdict(refused(Refusal::NothingToStop, request), record),
            Stopped::Raced => Handled::Raced,
        })
    }

    async fn start(
        &self,
        allowed: &Allowed<StartRun>,
        task: &Task,
        request: &Request,
        message: &DeliveryMessage,
        record: &mut OpenDelivery,
    ) -> Result<Handled, AppError> {
        let name = allowed.action().definition().name;
        let kind = allowed.subject().kind();
        if !task.applies_to(kind) {
            let other = format!("{name} does not apply to this kind of item");
            self.note(record, StepName::Permitted, other);
            let refused = refused(Refusal::WrongItem { name, kind }, request);
            return Ok(verdict(refused, record));
        }
        let revision = match self.revision(allowed, request).await {
            Ok(revision) => revision,
            Err(AppError::Provider(ProviderError::Gone | ProviderError::Forbidden)) => {
                let unseen = "the app may not see the pull request";
                self.note(record, StepName::Permitted, unseen);
                return Ok(verdict(refused(Refusal::NoAccess, request), record));
            }
            Err(error) => return Err(error),
        };
        let asked = StartRequest {
            origin: &request.origin(&message.delivery, &message.trace),
            revision: revision.as_ref(),
            brief: &request.brief,
        };
        let started = self.runs.start_run(allowed, asked, record).await?;
        Ok(handled(started, request, record))
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

/// A verdict that is still to be put on record.
fn verdict(verdict: Verdict, record: &OpenDelivery) -> Handled {
    Handled::Verdict(verdict, record.delivery().steps.clone())
}

fn handled(started: Started, request: &Request, record: &OpenDelivery) -> Handled {
    match started {
        Started::Recorded => Handled::Recorded(Box::new(record.delivery().clone())),
        Started::Refused(refusal) => verdict(refused(refusal, request), record),
        Started::Raced => Handled::Raced,
    }
}

fn name(wanted: Wanted) -> String {
    match wanted {
        Wanted::Command(command) => command.word().to_owned(),
        Wanted::NearMiss(_) => "what was meant as a command".to_owned(),
    }
}

/// A refusal is told to the person who asked, except where nobody invited Switchyard to speak.
fn refused(refusal: Refusal, request: &Request) -> Verdict {
    let reply = match refusal {
        Refusal::OwnerNotAllowed | Refusal::NoAccess => None,
        Refusal::PermissionTooLow
        | Refusal::WrongItem { .. }
        | Refusal::AlreadyRunning { .. }
        | Refusal::AskedAgain { .. }
        | Refusal::NothingToStop
        | Refusal::Stopped
        | Refusal::NearMiss { .. }
        | Refusal::Broken
        | Refusal::GivenUp => Some(Box::new(request.reply())),
    };
    Verdict::Refused { refusal, reply }
}
