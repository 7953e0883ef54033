//! How a run ended.

use domain::{Cost, Deliverable, Failure, Finished, Outcome, PullRequest, Usage};
use jiff::SignedDuration;

use crate::tellers::github::markdown::{self, Quotes};

/// The most bytes of findings in a comment; GitHub takes 65,536 characters in all.
const FINDINGS: usize = 60_000;

/// The paragraphs of the comment.
pub(in crate::tellers::github) fn parts(
    finished: &Finished,
    findings: Option<&str>,
    quotes: &Quotes,
) -> Vec<String> {
    let mut parts = match &finished.outcome {
        Outcome::Succeeded { deliverable } => delivered(deliverable, findings, quotes),
        Outcome::Incomplete {
            failure,
            deliverable,
        } => {
            let mut parts = failed(failure, quotes);
            parts.extend(delivered(deliverable, findings, quotes));
            if let Deliverable::PullRequest(_) = deliverable {
                parts.push("The pull request says whatever else is missing from it.".to_owned());
            }
            parts
        }
        Outcome::Unchanged => {
            let mut parts = vec!["Nothing was changed. The agent says why:".to_owned()];
            parts.extend(words(findings, quotes));
            parts
        }
        Outcome::Failed { failure } => failed(failure, quotes),
        Outcome::Cancelled => vec!["It was stopped as asked.".to_owned()],
        Outcome::Expired => vec!["Its time ran out. Ask again if it is still wanted.".to_owned()],
    };
    parts.push(figures(finished));
    parts
}

/// Why it failed, what it is about, what is left of it, and what to do.
fn failed(failure: &Failure, quotes: &Quotes) -> Vec<String> {
    let kind = failure.kind();
    let mut parts = vec![format!("{} {}", kind.reason(), kind.solution())];
    let names: Vec<_> = failure
        .names()
        .iter()
        .map(|name| quotes.code(name))
        .collect();
    if !names.is_empty() {
        parts.push(format!("It is about {}.", names.join(", ")));
    }
    if let Some(branch) = failure.branch() {
        parts.push(format!(
            "The work so far is kept on the branch {}.",
            quotes.code(branch)
        ));
    }
    if let Some(at) = failure.retries_at() {
        parts.push(format!(
            "Try again after {}.",
            at.strftime("%Y-%m-%d %H:%M UTC")
        ));
    }
    parts
}

fn delivered(deliverable: &Deliverable, findings: Option<&str>, quotes: &Quotes) -> Vec<String> {
    match deliverable {
        Deliverable::PullRequest(pull) => vec![proposed(pull, quotes)],
        Deliverable::Findings => words(findings, quotes),
    }
}

fn proposed(pull: &PullRequest, quotes: &Quotes) -> String {
    let branch = quotes.code(&pull.branch);
    format!("Pull request: #{} on branch {branch}.", pull.number)
}

/// What the agent wrote.
fn words(findings: Option<&str>, quotes: &Quotes) -> Vec<String> {
    let fitted = quotes.block(findings.unwrap_or_default(), FINDINGS);
    let mut parts = vec![fitted.text().to_owned()];
    if fitted.was_cut() {
        parts.push(markdown::emphasis(
            "The findings were longer and have been cut here.",
        ));
    }
    parts
}

fn figures(finished: &Finished) -> String {
    let mut sentences = Vec::new();
    if let Some(revision) = &finished.revision {
        sentences.push(format!(
            "It worked on commit {}.",
            markdown::code(revision.short())
        ));
    }
    let mut figures = Vec::new();
    if let Some(started) = finished.started_at {
        let taken = duration(finished.at.duration_since(started));
        figures.push(format!("took {taken}"));
    }
    if let Some(Cost(micros @ 1..)) = finished.spent.cost {
        let (dollars, rest) = (micros / 1_000_000, micros % 1_000_000 / 100);
        figures.push(format!("cost ${dollars}.{rest:04}"));
    }
    if !figures.is_empty() {
        sentences.push(format!("It {}.", figures.join(" and ")));
    }
    sentences.extend(finished.spent.usage.and_then(used));
    sentences.join(" ")
}

/// What the model calls used, if there were any.
fn used(usage: Usage) -> Option<String> {
    let Usage {
        calls: calls @ 1..,
        input_tokens,
        cache_write_tokens,
        cache_read_tokens,
        output_tokens,
    } = usage
    else {
        return None;
    };
    let read = input_tokens
        .saturating_add(cache_write_tokens)
        .saturating_add(cache_read_tokens);
    Some(format!(
        "Model calls: {calls}; tokens read: {read}, of which {cache_read_tokens} from the cache; written: {output_tokens}."
    ))
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
