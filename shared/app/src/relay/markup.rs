//! The words of comments. Everything that an agent or a person outside wrote is defused before it gets here
//! or on its way in; raw errors never do.

use std::fmt::Write;

use domain::{
    Cost, Deliverable, DeliveryKey, Finished, GiveBack, JobState, Outcome, ProgressEvent, Refusal,
    Run, RunId, RunState, Stage, Untrusted, Wait, clip,
};
use jiff::SignedDuration;

#[cfg(test)]
mod tests;

/// How many lines of news are shown.
pub(super) const LINES: usize = 8;
/// The most bytes of findings in a comment; GitHub takes 65,536 characters in all.
const FINDINGS: usize = 60_000;

/// The hidden line by which a run's comment is found again.
pub(super) fn run_marker(run: RunId) -> String {
    format!("<!-- switchyard:run={run} -->")
}

/// The hidden line by which the answer to a delivery is found again.
pub(super) fn delivery_marker(key: &DeliveryKey) -> String {
    // A comment must not end early, whatever the provider calls its deliveries.
    format!(
        "<!-- switchyard:delivery={} -->",
        key.id.as_str().replace("--", "-\u{200B}-")
    )
}

/// The tracking comment of a run.
pub(super) fn tracking_comment(
    run: &Run,
    news: &[ProgressEvent],
    findings: Option<&str>,
) -> String {
    let mut text = format!("{}\n{}\n", run_marker(run.id), heading(run));
    match run.finished() {
        None => progress(&mut text, run, news),
        Some(finished) => end(&mut text, finished, findings),
    }
    let _ = write!(
        text,
        "\n<sub>Asked by {} · run `{}` · trace `{}`</sub>\n",
        Untrusted::new(run.origin.requester.as_str()).for_line(),
        run.id,
        run.origin.trace,
    );
    text
}

/// The answer to a refused request.
pub(super) fn refusal(refusal: &Refusal, marker: &str) -> String {
    let words = match refusal {
        Refusal::OwnerNotAllowed => {
            "Switchyard does not work on repositories of this owner.".to_owned()
        }
        Refusal::PermissionTooLow => {
            "Only people who may write to this repository can ask for work. \
             Ask a maintainer to repeat the request."
                .to_owned()
        }
        Refusal::WrongItem { verb } => {
            format!("`bot:{verb}` works on issues, not on pull requests. Ask for it on an issue.")
        }
        Refusal::AlreadyRunning { verb, .. } => {
            format!(
                "`bot:{verb}` is already at work here; its own comment shows how far it is. \
                 Wait for it, or write `bot:stop` first."
            )
        }
        Refusal::NothingToStop => {
            "Nothing is at work here, so there is nothing to stop.".to_owned()
        }
        Refusal::NoAccess => {
            "The app may not see who may write to this repository. Check its permissions."
                .to_owned()
        }
    };
    format!("{marker}\n{words}\n")
}

fn heading(run: &Run) -> String {
    let verb = run.definition.verb;
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
    format!("### {sign} `{verb}` {words}{stopping}\n")
}

fn progress(text: &mut String, run: &Run, news: &[ProgressEvent]) {
    if run.state() == RunState::Queued {
        text.push_str(&waiting(run));
        return;
    }
    let lost = run.step.job.leases.lost;
    if lost > 0 {
        let _ = writeln!(text, "Attempt {}: the worker before was lost.\n", lost + 1);
    }
    for event in &news[news.len().saturating_sub(LINES)..] {
        let line = Untrusted::new(event.text.as_str()).for_line();
        let _ = writeln!(text, "- {} {line}", sign(event.stage));
    }
}

/// What a job waits for.
fn waiting(run: &Run) -> String {
    let JobState::Queued(Wait {
        given_back: Some(back),
        ..
    }) = &run.step.job.state
    else {
        return "A daemon will take it as soon as one is free.\n".to_owned();
    };
    let until = back
        .not_before
        .map(|until| until.strftime("%Y-%m-%d %H:%M:%S UTC"));
    match (back.why, until) {
        (_, None) => "It was given back in order and waits for another daemon.\n".to_owned(),
        (GiveBack::ModelLimited, Some(until)) => {
            format!("The model provider's limit is reached; it goes on from {until}.\n")
        }
        (GiveBack::Environment | GiveBack::Shutdown, Some(until)) => format!(
            "It was given back, because a machine could not do it, and waits until {until}.\n"
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

fn end(text: &mut String, finished: &Finished, findings: Option<&str>) {
    if let Outcome::Failed { failure } | Outcome::Incomplete { failure, .. } = &finished.outcome {
        let _ = writeln!(
            text,
            "{} {}\n",
            failure.kind().reason(),
            failure.kind().solution()
        );
    }
    match &finished.outcome {
        Outcome::Succeeded { deliverable } | Outcome::Incomplete { deliverable, .. } => {
            delivered(text, deliverable, findings);
        }
        Outcome::Unchanged => delivered(text, &Deliverable::Findings, findings),
        Outcome::Cancelled => text.push_str("It was stopped as asked.\n"),
        Outcome::Expired => text.push_str("Its time ran out. Ask again if it is still wanted.\n"),
        Outcome::Failed { .. } => {}
    }
    figures(text, finished);
}

fn delivered(text: &mut String, deliverable: &Deliverable, findings: Option<&str>) {
    match deliverable {
        Deliverable::PullRequest(pull) => {
            let _ = writeln!(
                text,
                "Draft pull request: #{} on branch `{}`.",
                pull.number, pull.branch
            );
        }
        Deliverable::Findings => {
            let clean = Untrusted::new(findings.unwrap_or_default()).for_comment();
            let shown = clip(&clean, FINDINGS);
            text.push_str(shown);
            if shown.len() < clean.len() {
                text.push_str("\n\n*The findings were longer and have been cut here.*");
            }
            text.push('\n');
        }
    }
}

fn figures(text: &mut String, finished: &Finished) {
    let mut figures = Vec::new();
    if let Some(started) = finished.started_at {
        figures.push(format!(
            "took {}",
            duration(finished.at.duration_since(started))
        ));
    }
    if let Some(Cost(micros @ 1..)) = finished.spent.cost {
        figures.push(format!(
            "cost ${}.{:04}",
            micros / 1_000_000,
            micros % 1_000_000 / 100
        ));
    }
    if !figures.is_empty() {
        let _ = writeln!(text, "\nIt {}.", figures.join(" and "));
    }
}

fn duration(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0) => "less than a second".to_owned(),
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}
