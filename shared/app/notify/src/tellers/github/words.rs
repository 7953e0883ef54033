//! What comments say.

use domain::{GiveBack, Run, RunState, Stage, StepAttempt};

use super::markdown;

pub(super) mod end;
pub(super) mod refusal;

/// What a run is doing, in a few words.
pub(super) fn state(run: &Run) -> String {
    let name = markdown::code(run.definition().name);
    let (sign, words) = match run.state() {
        RunState::Queued => ("⏳", "is queued"),
        RunState::Running => ("⚙️", "is at work"),
        RunState::Succeeded => ("✅", "succeeded"),
        RunState::Incomplete => ("⚠️", "is incomplete"),
        RunState::Unchanged => ("☑️", "found nothing to change"),
        RunState::Failed => ("❌", "failed"),
        RunState::Cancelled => ("🛑", "was stopped"),
        RunState::Expired => ("⌛", "ran out of time"),
    };
    let stopping = if run.head().control().is_some() && run.finished().is_none() {
        ", stopping"
    } else {
        ""
    };
    format!("{sign} {name} {words}{stopping}")
}

/// Which attempt it is, unless it is the first.
pub(super) fn attempt(run: &Run) -> String {
    match run.step().map_or(0, |step| step.leases().lost) {
        0 => String::new(),
        lost => format!("Attempt {}: the worker before was lost.", lost + 1),
    }
}

/// What a job waits for.
pub(super) fn waiting(run: &Run) -> String {
    let Some(why) = run.step().and_then(StepAttempt::waits_for) else {
        return "A daemon will take it as soon as one is free.".to_owned();
    };
    let until = run.step().and_then(StepAttempt::not_before);
    let until = until.map(|until| until.strftime("%Y-%m-%d %H:%M:%S UTC"));
    match (why, until) {
        (_, None) => "It was given back in order and waits for another daemon.".to_owned(),
        (GiveBack::ModelLimited, Some(until)) => {
            format!("The model provider's limit is reached; it goes on from {until}.")
        }
        (GiveBack::Environment | GiveBack::Shutdown, Some(until)) => format!(
            "It was given back, because a machine could not do it, and waits until {until}."
        ),
    }
}

/// How many credentials were removed from what an agent wrote, if any.
pub(super) fn removed(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => markdown::emphasis("Something that looked like a credential was removed once."),
        many => markdown::emphasis(&format!(
            "Something that looked like a credential was removed {many} times."
        )),
    }
}

/// The sign of a part of the job.
pub(super) const fn sign(stage: Stage) -> &'static str {
    match stage {
        Stage::Cloning => "📥",
        Stage::Working => "🤖",
        Stage::Checking => "🔍",
        Stage::Pushing => "📤",
        Stage::Opening => "🔀",
    }
}
