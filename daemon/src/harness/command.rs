//! Any program: the prompt on standard input, the context in variables and files.
//!
//! A line of standard output that is a JSON object is understood if its `type` is known:
//! `{"type":"step","text":"..."}` is progress; `{"type":"result","cost_usd":0.1,"summary":"..."}` says the cost
//! and the last words, and may say `model`, `calls`, `input_tokens`, `cache_write_tokens`, `cache_read_tokens` and
//! `output_tokens` too. Every other line only goes to the log. The exit code decides: 0 is success.

use std::{ffi::OsString, process::ExitStatus};

use domain::{FailureKind, Random, Usage};
use serde::Deserialize;

use super::{AgentResult, Assignment, Harness, Reader, Start, find, report::cost, steps};
use crate::model::{ModelAccess, Wire};

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

    fn ready(&self, _wire: Option<Wire>) -> Result<(), FailureKind> {
        let program = self
            .command
            .first()
            .and_then(|program| find(program, &self.path));
        program.map(drop).ok_or(FailureKind::AgentMissing)
    }

    fn start(
        &self,
        assignment: Assignment<'_>,
        model: Option<&ModelAccess>,
        _random: &dyn Random,
    ) -> Start {
        let parts = [assignment.system, assignment.prompt];
        let said: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        Start {
            command: self.command.clone(),
            environment: model.map(ModelAccess::variables).unwrap_or_default(),
            input: said.join("\n").into_bytes(),
        }
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(CommandReader::default())
    }
}

#[derive(Default)]
struct CommandReader(AgentResult);

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
        #[serde(flatten)]
        used: Used,
    },
    #[serde(other)]
    Unknown,
}

/// What it says that it used; nothing if it says nothing.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Used {
    calls: Option<u64>,
    input_tokens: Option<u64>,
    cache_write_tokens: Option<u64>,
    cache_read_tokens: Option<u64>,
    output_tokens: Option<u64>,
}

impl Used {
    fn usage(self) -> Option<Usage> {
        let said = [
            self.calls,
            self.input_tokens,
            self.cache_write_tokens,
            self.cache_read_tokens,
            self.output_tokens,
        ];
        said.iter().any(Option::is_some).then(|| Usage {
            calls: self.calls.unwrap_or_default(),
            input_tokens: self.input_tokens.unwrap_or_default(),
            cache_write_tokens: self.cache_write_tokens.unwrap_or_default(),
            cache_read_tokens: self.cache_read_tokens.unwrap_or_default(),
            output_tokens: self.output_tokens.unwrap_or_default(),
        })
    }
}

impl Reader for CommandReader {
    fn line(&mut self, line: &str) -> Option<String> {
        match serde_json::from_str(line).ok()? {
            Line::Step { text } => steps::line(&text),
            Line::Result {
                cost_usd,
                summary,
                model,
                used,
            } => {
                self.0.cost = cost_usd.and_then(cost);
                self.0.words = summary;
                self.0.model = model;
                self.0.usage = used.usage();
                None
            }
            Line::Unknown => None,
        }
    }

    fn end(self: Box<Self>, status: Option<ExitStatus>) -> AgentResult {
        let good = status.is_some_and(|status| status.success());
        AgentResult {
            failure: (!good).then(|| FailureKind::AgentFailed.into()),
            ..self.0
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use domain::Cost;

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
                r#"{"type":"result","cost_usd":0.5,"summary":"Done.","model":"m","input_tokens":7,"cache_read_tokens":9}"#
            ),
            None
        );
        let account = reader.end(Some(ExitStatus::from_raw(0)));
        assert_eq!(account.model.as_deref(), Some("m"));
        let usage = account.usage.unwrap();
        assert_eq!((usage.input_tokens, usage.cache_read_tokens), (7, 9));
        assert_eq!(account.cost, Some(Cost(500_000)));
        assert_eq!(
            (account.words.as_deref(), account.failure),
            (Some("Done."), None)
        );
    }

    #[test]
    fn the_exit_code_decides() {
        for raw in [Some(256), Some(15), None] {
            let account = Box::new(CommandReader::default()).end(raw.map(ExitStatus::from_raw));
            assert_eq!(account.failure, Some(FailureKind::AgentFailed.into()));
            assert_eq!(account.usage, None);
        }
    }

    #[test]
    fn a_program_that_is_not_there_is_found_out_early() {
        let harness = |program: &str| CommandHarness::new(vec![program.to_owned()], "/bin".into());
        assert_eq!(harness("sh").ready(None), Ok(()));
        assert_eq!(
            harness("no-such-program").ready(None),
            Err(FailureKind::AgentMissing)
        );
    }
}
