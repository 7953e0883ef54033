//! Any program: the prompt on standard input, the context in variables and files.
//!
//! A line of standard output that is a JSON object is understood if its `type` is known:
//! `{"type":"step","text":"..."}` is news; `{"type":"result","cost_usd":0.1,"summary":"..."}` says the cost
//! and the last words, and may say `model`, `input_tokens` and `output_tokens` too. Every other line only goes to the log. The exit code decides: 0 is success.

use std::{ffi::OsString, process::ExitStatus};

use domain::{Cost, FailureKind, Random};
use serde::Deserialize;

use super::{Account, Assignment, Harness, Reader, Start, Tokens, find::find, report::cost, steps};

/// The harness for any program.
#[derive(Clone, Debug)]
pub struct CommandHarness {
    command: Vec<OsString>,
    path: OsString,
}

impl CommandHarness {
    /// Runs `command`, program first, looking for the program in `path`.
    pub fn new(command: Vec<String>, path: OsString) -> Self {
        Self {
            command: command.into_iter().map(OsString::from).collect(),
            path,
        }
    }
}

impl Harness for CommandHarness {
    fn name(&self) -> &'static str {
        "command"
    }

    fn ready(&self) -> Result<(), FailureKind> {
        let program = self
            .command
            .first()
            .and_then(|program| find(program, &self.path));
        program.map(drop).ok_or(FailureKind::AgentMissing)
    }

    fn start(&self, assignment: Assignment<'_>, _random: &dyn Random) -> Start {
        Start {
            command: self.command.clone(),
            environment: Vec::new(),
            input: assignment.prompt.as_bytes().to_vec(),
        }
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(CommandReader::default())
    }
}

#[derive(Default)]
struct CommandReader {
    model: Option<String>,
    tokens: Tokens,
    cost: Option<Cost>,
    words: Option<String>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line {
    Step {
        text: String,
    },
    Result {
        cost_usd: Option<f64>,
        summary: Option<String>,
        model: Option<String>,
        input_tokens: Option<u64>,
        output_tokens: Option<u64>,
    },
    #[serde(other)]
    Unknown,
}

impl Reader for CommandReader {
    fn line(&mut self, line: &str) -> Option<String> {
        match serde_json::from_str(line).ok()? {
            Line::Step { text } => steps::line(&text),
            Line::Result {
                cost_usd,
                summary,
                model,
                input_tokens: input,
                output_tokens: output,
            } => {
                self.cost = cost_usd.and_then(cost);
                self.words = summary;
                self.model = model;
                self.tokens = Tokens { input, output };
                None
            }
            Line::Unknown => None,
        }
    }

    fn end(self: Box<Self>, status: ExitStatus) -> Account {
        Account {
            failure: (!status.success()).then_some(FailureKind::AgentFailed),
            model: self.model,
            tokens: self.tokens,
            cost: self.cost,
            words: self.words,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn known_lines_are_news_and_the_rest_is_not() {
        let mut reader = Box::new(CommandReader::default());
        assert_eq!(
            reader.line(r#"{"type":"step","text":"a\nb"}"#).as_deref(),
            Some("a b")
        );
        for other in [
            "plain",
            "{",
            "[]",
            r#"{"type":"step"}"#,
            r#"{"type":"new","text":"x"}"#,
        ] {
            assert_eq!(reader.line(other), None, "{other}");
        }
        assert_eq!(
            reader.line(
                r#"{"type":"result","cost_usd":0.5,"summary":"Done.","model":"m","input_tokens":7}"#
            ),
            None
        );
        let account = reader.end(ExitStatus::from_raw(0));
        assert_eq!(account.model.as_deref(), Some("m"));
        assert_eq!(
            (account.tokens.input, account.tokens.output),
            (Some(7), None)
        );
        assert_eq!(account.cost, Some(Cost(500_000)));
        assert_eq!(
            (account.words.as_deref(), account.failure),
            (Some("Done."), None)
        );
    }

    #[test]
    fn the_exit_code_decides() {
        for raw in [256, 15] {
            let account = Box::new(CommandReader::default()).end(ExitStatus::from_raw(raw));
            assert_eq!(account.failure, Some(FailureKind::AgentFailed));
        }
    }

    #[test]
    fn a_program_that_is_not_there_is_found_out_early() {
        let harness = |program: &str| CommandHarness::new(vec![program.to_owned()], "/bin".into());
        assert_eq!(harness("sh").ready(), Ok(()));
        assert_eq!(
            harness("no-such-program").ready(),
            Err(FailureKind::AgentMissing)
        );
    }
}
