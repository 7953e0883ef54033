//! The words of comments. Everything that an agent or a person outside wrote is defused before it gets here
//! or on its way in; raw errors never do.

use domain::{
    CommentId, DeliveryKey, GiveBack, ItemKind, JobState, Marker, NearMiss, ProgressEvent,
    Redactor, Refusal, Run, RunId, RunState, Stage, Untrusted, Wait, redactions,
};

mod end;
#[cfg(test)]
mod tests;

/// How many lines of news are shown.
pub(crate) const LINES: usize = 8;

/// The hidden line by which a run's comment is found again.
pub(crate) fn run_marker(run: RunId) -> String {
    Marker::Run(run).to_string()
}

/// The hidden line by which the answer to a delivery is found again.
pub(crate) fn delivery_marker(key: &DeliveryKey) -> String {
    Marker::Delivery(key.id.clone()).to_string()
}

/// The hidden line by which the answer to a comment is found again.
pub(crate) fn comment_marker(comment: CommentId) -> String {
    Marker::Comment(comment).to_string()
}

/// The tracking comment of a run.
pub(crate) fn tracking_comment(
    run: &Run,
    news: &[ProgressEvent],
    findings: Option<&str>,
) -> String {
    let redactor = Redactor::default();
    let mut parts = match run.finished() {
        None => progress(run, news, &redactor),
        Some(finished) => end::parts(finished, findings, &redactor),
    };
    parts.retain(|part| !part.is_empty());
    let said = parts.join("\n\n");
    let removed = removed(redactions(&said));
    let asked = format!(
        "<sub>Asked by {} · run `{}` · trace `{}`</sub>",
        Untrusted::new(run.origin.requester.as_str()).for_line(),
        run.id,
        run.origin.trace,
    );
    let head = format!("{}\n{}", run_marker(run.id), heading(run));
    let parts = [head, said, removed, asked];
    let shown: Vec<_> = parts
        .iter()
        .filter(|part| !part.is_empty())
        .map(String::as_str)
        .collect();
    shown.join("\n\n") + "\n"
}

/// What an agent wrote, without credentials. The daemon has taken out those that it knew, so there should be none.
fn clean(text: &str, redactor: &Redactor) -> String {
    let redacted = redactor.redact(text);
    if redacted.total() > 0 {
        tracing::warn!(
            metric.CredentialsRemoved = redacted.total(),
            kinds = ?redacted.counts.keys(),
            "what is told held something that looks like a credential"
        );
    }
    redacted.text
}

/// Says how many credentials were removed from what an agent wrote.
fn removed(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => "*Something that looked like a credential was removed once.*".to_owned(),
        many => format!("*Something that looked like a credential was removed {many} times.*"),
    }
}

/// The answer to a refused request.
pub(crate) fn refusal(refusal: &Refusal, marker: &str) -> String {
    let words = match refusal {
        Refusal::OwnerNotAllowed => {
            "Switchyard does not work on repositories of this owner.".to_owned()
        }
        Refusal::PermissionTooLow => {
            "Only people who may write to this repository can ask for work. \
             Ask a maintainer to repeat the request."
                .to_owned()
        }
        Refusal::WrongItem { name, kind } => {
            let (here, there, one) = match kind {
                ItemKind::Issue => ("issues", "pull requests", "a pull request"),
                ItemKind::PullRequest => ("pull requests", "issues", "an issue"),
            };
            format!("`bot:{name}` works on {there}, not on {here}. Ask for it on {one}.")
        }
        Refusal::AlreadyRunning { name, .. } => {
            format!(
                "`bot:{name}` is already at work here; its own comment shows how far it is. \
                 Wait for it, or write `bot:stop` first."
            )
        }
        Refusal::NothingToStop => {
            "Nothing is at work here, so there is nothing to stop. What was asked for before and has not \
             begun will not begin."
                .to_owned()
        }
        Refusal::AskedAgain { name, .. } => {
            format!(
                "`bot:{name}` could not be started in time, and was asked for again since. Only the \
                 later request counts."
            )
        }
        Refusal::NearMiss { miss } => near_miss(*miss),
        Refusal::Broken => {
            "This request cannot be worked on: something is wrong with what Switchyard keeps about it. \
             Its operator has to look; asking again does not help before."
                .to_owned()
        }
        Refusal::GivenUp => {
            "This request was tried for a day and could not be started. Ask again if it is still wanted."
                .to_owned()
        }
        Refusal::NoAccess => {
            "The app may not see who may write to this repository. Check its permissions."
                .to_owned()
        }
    };
    format!("{marker}\n{words}\n")
}

fn near_miss(NearMiss { meant }: NearMiss) -> String {
    let alone = "A command stands on a line of its own and holds nothing else.";
    if let Some(command) = meant {
        return format!("That was almost a command. Write `{command}`. {alone}");
    }
    let commands = engine::built_in().vocabulary().commands();
    let all: Vec<String> = commands.map(|one| format!("`{one}`")).collect();
    format!(
        "That is not a command. There are {}. {alone}",
        all.join(", ")
    )
}

fn heading(run: &Run) -> String {
    let name = run.definition.name;
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
    let stopping = if run.cancel.is_some() && run.finished().is_none() {
        ", stopping"
    } else {
        ""
    };
    format!("### {sign} `{name}` {words}{stopping}")
}

fn progress(run: &Run, news: &[ProgressEvent], redactor: &Redactor) -> Vec<String> {
    if run.state() == RunState::Queued {
        return vec![waiting(run)];
    }
    let attempt = match run.step.job.leases.lost {
        0 => String::new(),
        lost => format!("Attempt {}: the worker before was lost.", lost + 1),
    };
    let last = &news[news.len().saturating_sub(LINES)..];
    let lines: Vec<_> = last
        .iter()
        .map(|event| {
            let text = clean(&event.text, redactor);
            format!(
                "- {} {}",
                sign(event.stage),
                Untrusted::new(text).for_line()
            )
        })
        .collect();
    vec![attempt, lines.join("\n")]
}

/// What a job waits for.
fn waiting(run: &Run) -> String {
    let JobState::Queued(Wait {
        given_back: Some(back),
        ..
    }) = &run.step.job.state
    else {
        return "A daemon will take it as soon as one is free.".to_owned();
    };
    let until = back
        .not_before
        .map(|until| until.strftime("%Y-%m-%d %H:%M:%S UTC"));
    match (back.why, until) {
        (_, None) => "It was given back in order and waits for another daemon.".to_owned(),
        (GiveBack::ModelLimited, Some(until)) => {
            format!("The model provider's limit is reached; it goes on from {until}.")
        }
        (GiveBack::Environment | GiveBack::Shutdown, Some(until)) => format!(
            "It was given back, because a machine could not do it, and waits until {until}."
        ),
    }
}

const fn sign(stage: Stage) -> &'static str {
    match stage {
        Stage::Cloning => "📥",
        Stage::Working => "🤖",
        Stage::Checking => "🔍",
        Stage::Pushing => "📤",
        Stage::Opening => "🔀",
    }
}
