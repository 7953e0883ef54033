//! What comments on GitHub hold, in which order. The words stand in `words`, the provider's markup in `markdown`; whatever an agent
//! or a person outside wrote goes through [`Quotes`]. Raw errors never get here.

use domain::{Marker, ProgressEvent, Refusal, Run, RunState, Untrusted, redactions};

mod markdown;
#[cfg(test)]
mod tests;
mod words;

use crate::telling::Telling;
use markdown::Quotes;

/// How many lines of progress are shown.
const LINES: usize = 8;

/// The text of a comment.
pub(super) fn text(what: &Telling<'_>) -> String {
    match *what {
        Telling::Run {
            run,
            progress,
            findings,
        } => tracking_comment(run, progress, findings),
        Telling::Refusal { refusal, marker } => answer(refusal, marker),
    }
}

/// The tracking comment of a run.
fn tracking_comment(run: &Run, events: &[ProgressEvent], findings: Option<&str>) -> String {
    let quotes = Quotes::default();
    let parts = match run.finished() {
        None => progress(run, events, &quotes),
        Some(finished) => words::end::parts(finished, findings, &quotes),
    };
    let said = markdown::paragraphs(parts);
    let removed = words::removed(redactions(&said));
    let heading = markdown::heading(&words::state(run));
    let head = format!("{}\n{heading}", Marker::Run(run.id()));
    markdown::paragraphs([head, said, removed, asked(run)]) + "\n"
}

/// The answer to a refused request.
fn answer(refusal: &Refusal, marker: &Marker) -> String {
    format!("{marker}\n{}\n", words::refusal::reason(refusal))
}

fn progress(run: &Run, events: &[ProgressEvent], quotes: &Quotes) -> Vec<String> {
    if run.state() == RunState::Queued {
        return vec![words::waiting(run)];
    }
    let newest = &events[events.len().saturating_sub(LINES)..];
    let lines: Vec<_> = newest
        .iter()
        .map(|event| markdown::item(words::sign(event.stage), &quotes.line(&event.text)))
        .collect();
    vec![words::attempt(run), lines.join("\n")]
}

/// Who asked, and by which ids the run is found in logs and tables.
fn asked(run: &Run) -> String {
    markdown::small(&format!(
        "Asked by {} · run {} · trace {}",
        Untrusted::new(run.origin().requester().handle().as_str()).for_line(),
        markdown::code(run.id()),
        markdown::code(run.origin().trace()),
    ))
}
