//! Use cases at work, each a sequence of atomic effects.

use crate::{
    Actor, Content, Effect, Protocol, Run, Trigger, World,
    use_cases::{
        AdvanceRun, ClaimJob, FinishJob, ReleaseJob, ResendJob, StartRun, StopRun, TellPlace,
    },
};

/// A use case at work, and what it was begun for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    /// What it was begun for: comes again if the actor dies.
    pub trigger: Trigger,
    /// What is done, and what is known of it so far. It is gone if the actor dies.
    pub use_case: UseCase,
}

/// A use case, with what its actor knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UseCase {
    /// `start_run`
    StartRun(StartRun),
    /// `stop_run`
    StopRun(StopRun),
    /// `advance_run`
    AdvanceRun(AdvanceRun),
    /// `claim_job`
    ClaimJob(ClaimJob),
    /// `finish_job`
    FinishJob(FinishJob),
    /// `release_job`
    ReleaseJob(ReleaseJob),
    /// `resend_job`
    ResendJob(ResendJob),
    /// `tell_place`
    TellPlace(TellPlace),
}

/// What a use case goes on with after an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// This.
    Go(UseCase),
    /// Nothing.
    Done,
    /// Nothing now: it was not done, and what it was begun for comes again.
    Failed,
    /// Nothing; the daemon that asked has got a lease.
    Granted {
        /// Its fence.
        fence: u8,
        /// What is to be done.
        content: Content,
    },
}

impl UseCase {
    /// The effect that comes next.
    pub fn effect(&self) -> Effect {
        match self {
            Self::StartRun(start) => start.effect(),
            Self::StopRun(stop) => stop.effect(),
            Self::AdvanceRun(advance) => advance.effect(),
            Self::ClaimJob(claim) => claim.effect(),
            Self::FinishJob(finish) => finish.effect(),
            Self::ReleaseJob(release) => release.effect(),
            Self::ResendJob(resend) => resend.effect(),
            Self::TellPlace(tell) => tell.effect(),
        }
    }

    /// Does it.
    pub fn go_on(self, at: &mut Context<'_>) -> Next {
        match self {
            Self::StartRun(start) => start.go_on(at),
            Self::StopRun(stop) => stop.go_on(at),
            Self::AdvanceRun(advance) => advance.go_on(at),
            Self::ClaimJob(claim) => claim.go_on(at),
            Self::FinishJob(finish) => finish.go_on(at),
            Self::ReleaseJob(release) => release.go_on(at),
            Self::ResendJob(resend) => resend.go_on(at),
            Self::TellPlace(tell) => tell.go_on(at),
        }
    }
}

/// Where an effect happens.
pub struct Context<'a> {
    /// The rules.
    pub protocol: &'a Protocol,
    /// The world.
    pub world: &'a mut World,
    /// Who does it.
    pub actor: Actor,
}

impl Context<'_> {
    /// Puts a change record of a run's items into the stream.
    pub fn record(&mut self, run: Run) {
        if self.protocol.is_told() {
            self.world.queues.records[run.index()] = true;
        }
    }
}
