//! Reading Claude Code's stream of JSON lines.
//!
//! `is_error` in the last `result` decides, never its `subtype` alone: a failed call to the model ends as
//! `success` with `is_error`. Types this does not know are passed over; there are dozens, and more each month.

#[cfg(test)]
mod tests;
mod wire;

use std::{collections::BTreeSet, process::ExitStatus};

use domain::{Failure, FailureKind};

use self::wire::{Block, Event, Message, SessionResult, System};
use super::{AgentResult, Reader, report::cost, steps};
use crate::model::Verdict;

/// As many tools at work are kept in mind; no program uses that many at once.
const TOOLS_LIMIT: usize = 256;
/// What the program says in a model's place when an account's limit is reached.
const LIMIT_WORDS: [&str; 4] = [
    "you've hit your",
    "usage limit reached",
    "you've reached your",
    "limit will reset",
];

/// Reads one session.
#[derive(Default)]
pub(super) struct StreamReader {
    model: Option<String>,
    result: Option<SessionResult>,
    tools: BTreeSet<String>,
    trouble: Option<Verdict>,
    // The last words of the model itself.
    said: Option<String>,
    // Whether the program itself wrote the last message, in the model's place.
    own_words: bool,
}

impl Reader for StreamReader {
    fn line(&mut self, line: &str) -> Option<String> {
        match serde_json::from_str(line).ok()? {
            Event::Assistant { message, error } => {
                self.own_words = error.is_some() || message.is_synthetic();
                self.assistant(message)
            }
            Event::User { message } => {
                for block in message.content {
                    if let Block::ToolResult { tool_use_id } = block {
                        self.tools.remove(&tool_use_id);
                    }
                }
                None
            }
            Event::System(system) if system.subtype == "api_retry" => Some(self.retry(&system)),
            Event::System(System {
                model: Some(model), ..
            }) => {
                self.model = Some(model);
                None
            }
            Event::Result(result) => {
                self.tools.clear();
                self.result = Some(*result);
                None
            }
            Event::System(_) | Event::Unknown => None,
        }
    }

    fn waits_for_tool(&self) -> bool {
        !self.tools.is_empty()
    }

    fn hopeless(&self) -> Option<Failure> {
        let trouble = self.trouble.as_ref()?;
        trouble.is_final().then(|| trouble.failure().clone())
    }

    fn end(self: Box<Self>, status: Option<ExitStatus>) -> AgentResult {
        let Some(result) = &self.result else {
            // Stopped or killed from outside, or not the program it is thought to be.
            let failure = self
                .trouble
                .as_ref()
                .map(|trouble| trouble.failure().clone());
            return AgentResult {
                failure: Some(failure.unwrap_or_else(|| FailureKind::AgentFailed.into())),
                model: self.model,
                ..AgentResult::default()
            };
        };
        let good = status.is_some_and(|status| status.success());
        let failure = self.failure(result, good);
        AgentResult {
            failure,
            model: self.model.clone(),
            usage: result.usage.map(Into::into),
            cost: result.total_cost_usd.and_then(cost),
            words: result
                .result
                .clone()
                .filter(|_| !self.own_words)
                .or_else(|| self.said.clone()),
            denied: result.denied(),
        }
    }
}

impl StreamReader {
    fn assistant(&mut self, message: Message) -> Option<String> {
        for block in &message.content {
            if let Block::ToolUse { id: Some(id), .. } = block
                && self.tools.len() < TOOLS_LIMIT
            {
                self.tools.insert(id.clone());
            }
        }
        // What the program says in the model's place repeats errors of the provider, which are not for everybody.
        if self.own_words {
            return None;
        }
        self.trouble = None;
        let words = message.content.iter().rev().find_map(Block::words);
        self.said = words.map(str::to_owned).or_else(|| self.said.take());
        message.content.into_iter().find_map(step)
    }

    fn retry(&mut self, system: &System) -> String {
        self.trouble = Verdict::told(system.error_status);
        let attempt = system.attempt.unwrap_or_default();
        format!("The model did not answer; try {attempt} follows")
    }

    fn failure(&self, result: &SessionResult, good: bool) -> Option<Failure> {
        if result.stop_reason.as_deref() == Some("refusal") {
            return Some(declined(self.said.as_deref()));
        }
        if good && !result.is_error {
            return self.limit_in_place_of_an_answer(result);
        }
        if result.subtype.as_deref() == Some("error_max_turns") {
            return Some(FailureKind::AgentTurnsUsed.into());
        }
        let told = result
            .api_error_status
            .and_then(|status| Verdict::told(Some(status)));
        let trouble = told.as_ref().or(self.trouble.as_ref());
        let failure = trouble.map(|trouble| trouble.failure().clone());
        Some(failure.unwrap_or_else(|| FailureKind::AgentFailed.into()))
    }

    fn limit_in_place_of_an_answer(&self, result: &SessionResult) -> Option<Failure> {
        if !self.own_words {
            return None;
        }
        let text = result.result.as_deref().unwrap_or_default().to_lowercase();
        let limited = LIMIT_WORDS.iter().any(|words| text.contains(words));
        Some(if limited {
            FailureKind::ModelLimited.into()
        } else {
            FailureKind::AgentFailed.into()
        })
    }
}

/// The model declined, with its reason as far as it gave one.
pub(crate) fn declined(words: Option<&str>) -> Failure {
    let failure = Failure::from(FailureKind::AgentDeclined);
    match words.and_then(steps::line) {
        Some(reason) => failure.about([reason]),
        None => failure,
    }
}

fn step(block: Block) -> Option<String> {
    match block {
        Block::Text { text } => steps::line(&text),
        Block::ToolUse { name, input, .. } => {
            let what = input.what();
            steps::line(format!("{name}: {what}").trim_end_matches(": "))
        }
        Block::ToolResult { .. } | Block::Unknown => None,
    }
}
