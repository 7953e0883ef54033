//! Reading Claude Code's stream of JSON lines.
//!
//! `is_error` in the last `result` decides, never its `subtype`: a failed call to the model ends as
//! `success` with `is_error`. Types this does not know are passed over; there are dozens, and more each month.

use std::process::ExitStatus;

use domain::FailureKind;
use serde::Deserialize;

use super::{Account, Reader, Tokens, report::cost, steps};

/// Reads one session.
#[derive(Default)]
pub(super) struct StreamReader {
    model: Option<String>,
    result: Option<SessionResult>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    Assistant {
        message: Message,
    },
    System(System),
    Result(SessionResult),
    #[serde(other)]
    Unknown,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    content: Vec<Block>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Text {
        text: String,
    },
    ToolUse {
        name: String,
        #[serde(default)]
        input: Input,
    },
    #[serde(other)]
    Unknown,
}

/// What tells a person most about a tool's call; each tool has one or none of these.
#[derive(Default, Deserialize)]
struct Input {
    description: Option<String>,
    file_path: Option<String>,
    command: Option<String>,
    pattern: Option<String>,
    url: Option<String>,
}

#[derive(Deserialize)]
struct System {
    #[serde(default)]
    subtype: String,
    attempt: Option<u32>,
    model: Option<String>,
}

#[derive(Deserialize)]
struct SessionResult {
    // Without a verdict there is no success.
    #[serde(default = "yes")]
    is_error: bool,
    result: Option<String>,
    total_cost_usd: Option<f64>,
    usage: Option<Usage>,
    api_error_status: Option<u16>,
    #[serde(default)]
    permission_denials: Vec<Denial>,
}

/// What is read from the model's memory is counted apart there, and is part of the whole here.
#[derive(Clone, Copy, Deserialize)]
struct Usage {
    #[serde(rename = "input_tokens")]
    input: Option<u64>,
    #[serde(rename = "cache_creation_input_tokens")]
    noted: Option<u64>,
    #[serde(rename = "cache_read_input_tokens")]
    remembered: Option<u64>,
    #[serde(rename = "output_tokens")]
    output: Option<u64>,
}

impl Usage {
    fn tokens(self) -> Tokens {
        let beside = [self.noted, self.remembered].into_iter().flatten();
        Tokens {
            input: self
                .input
                .map(|fresh| beside.fold(fresh, u64::saturating_add)),
            output: self.output,
        }
    }
}

#[derive(Deserialize)]
struct Denial {
    #[serde(default)]
    tool_name: String,
}

fn yes() -> bool {
    true
}

impl Reader for StreamReader {
    fn line(&mut self, line: &str) -> Option<String> {
        match serde_json::from_str(line).ok()? {
            Event::Assistant { message } => message.content.into_iter().find_map(step),
            Event::System(system) if system.subtype == "api_retry" => {
                let attempt = system.attempt.unwrap_or_default();
                Some(format!("The model did not answer; try {attempt} follows"))
            }
            Event::System(System {
                model: Some(model), ..
            }) => {
                self.model = Some(model);
                None
            }
            Event::Result(result) => {
                self.result = Some(result);
                None
            }
            Event::System(_) | Event::Unknown => None,
        }
    }

    fn end(self: Box<Self>, status: ExitStatus) -> Account {
        let Some(result) = self.result else {
            // Killed from outside, or not the program it is thought to be.
            return Account {
                failure: Some(FailureKind::AgentFailed),
                model: self.model,
                tokens: Tokens::default(),
                cost: None,
                words: None,
            };
        };
        for denial in &result.permission_denials {
            tracing::info!(tool = denial.tool_name, "the agent was denied a tool");
        }
        let failure = match result.api_error_status {
            _ if !result.is_error && status.success() => None,
            Some(401 | 403) => Some(FailureKind::AgentUnconfigured),
            _ => Some(FailureKind::AgentFailed),
        };
        Account {
            failure,
            model: self.model,
            tokens: result.usage.map(Usage::tokens).unwrap_or_default(),
            cost: result.total_cost_usd.and_then(cost),
            words: result.result,
        }
    }
}

fn step(block: Block) -> Option<String> {
    match block {
        Block::Text { text } => steps::line(&text),
        Block::ToolUse { name, input } => {
            let what = input
                .description
                .or(input.file_path)
                .or(input.command)
                .or(input.pattern);
            let what = what.or(input.url).unwrap_or_default();
            steps::line(format!("{name}: {what}").trim_end_matches(": "))
        }
        Block::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use domain::Cost;

    use super::*;

    fn account(lines: &[&str], raw_status: i32) -> Account {
        let mut reader = Box::new(StreamReader::default());
        for line in lines {
            reader.line(line);
        }
        reader.end(ExitStatus::from_raw(raw_status))
    }

    #[test]
    fn what_the_agent_says_and_does_is_news() {
        let mut reader = StreamReader::default();
        let mut news = |line: &str| reader.line(line);
        let text = r#"{"type":"assistant","message":{"id":"m","content":[{"type":"text","text":"Looking.\nNow."}]}}"#;
        assert_eq!(news(text).as_deref(), Some("Looking. Now."));
        let tool = r#"{"type":"assistant","message":{"content":[{"type":"tool_use","id":"t","name":"Bash","input":{"command":"make test"}}]}}"#;
        assert_eq!(news(tool).as_deref(), Some("Bash: make test"));
        let bare = r#"{"type":"assistant","message":{"content":[{"type":"tool_use","name":"TodoWrite","input":{"todos":[]}}]}}"#;
        assert_eq!(news(bare).as_deref(), Some("TodoWrite"));
        let thinking =
            r#"{"type":"assistant","message":{"content":[{"type":"thinking","thinking":"hm"}]}}"#;
        assert_eq!(news(thinking), None);
        let retry = r#"{"type":"system","subtype":"api_retry","attempt":2,"error_status":null}"#;
        assert_eq!(
            news(retry).as_deref(),
            Some("The model did not answer; try 2 follows")
        );
        for other in [
            r#"{"type":"system","subtype":"init"}"#,
            r#"{"type":"rate_limit_event"}"#,
            "garbage",
            "{}",
        ] {
            assert_eq!(news(other), None, "{other}");
        }
    }

    #[test]
    fn success_needs_a_result_without_error_and_exit_code_zero() {
        let good = r#"{"type":"result","subtype":"success","is_error":false,"result":"Fixed.","total_cost_usd":0.0237,"permission_denials":[{"tool_name":"Bash"}]}"#;
        let done = account(&["noise", good], 0);
        assert_eq!(done.tokens, Tokens::default());
        assert_eq!((done.failure, done.cost), (None, Some(Cost(23_700))));
        assert_eq!(done.words.as_deref(), Some("Fixed."));
        assert_eq!(
            account(&[good], 256).failure,
            Some(FailureKind::AgentFailed)
        );
        assert_eq!(account(&[], 0).failure, Some(FailureKind::AgentFailed));
        assert_eq!(
            account(&[], 143 << 8).failure,
            Some(FailureKind::AgentFailed)
        );
        assert_eq!(
            account(&[r#"{"type":"result"}"#], 0).failure,
            Some(FailureKind::AgentFailed)
        );
    }

    #[test]
    fn the_model_and_its_tokens_are_told() {
        let init = r#"{"type":"system","subtype":"init","model":"claude-x"}"#;
        let end = r#"{"type":"result","is_error":false,"usage":{"input_tokens":5,"cache_creation_input_tokens":10,"cache_read_input_tokens":100,"output_tokens":7}}"#;
        let done = account(&[init, end], 0);
        assert_eq!(done.model.as_deref(), Some("claude-x"));
        assert_eq!(
            (done.tokens.input, done.tokens.output),
            (Some(115), Some(7))
        );
    }

    #[test]
    fn a_failed_model_call_is_an_error_though_it_says_success() {
        let failed = |status: u16| {
            format!(
                r#"{{"type":"result","subtype":"success","is_error":true,"api_error_status":{status},"result":"API Error"}}"#
            )
        };
        assert_eq!(
            account(&[&failed(529)], 0).failure,
            Some(FailureKind::AgentFailed)
        );
        assert_eq!(
            account(&[&failed(401)], 256).failure,
            Some(FailureKind::AgentUnconfigured)
        );
    }
}
