//! Claude Code without a person in front of it.

use std::{
    ffi::{OsStr, OsString},
    num::NonZeroU32,
};

use domain::{AgentTools, FailureKind, Random};

use super::{Assignment, Harness, Reader, Start, find, stream::StreamReader};
use crate::model::{ModelAccess, Wire};

/// How many turns the agent may take unless the operator says otherwise.
const TURNS: NonZeroU32 = NonZeroU32::new(200).unwrap();
/// Tools that change files by name; what else changes files in a task that only reads is thrown away.
const WRITING_TOOLS: &str = "Edit,Write,NotebookEdit";
/// Against calls home, updates in mid-job and anything else that goes out beside the model's address.
const QUIET: [&str; 4] = [
    "DISABLE_TELEMETRY",
    "DISABLE_AUTOUPDATER",
    "DISABLE_ERROR_REPORTING",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
];

/// What the operator sets for Claude Code.
#[derive(Clone, Debug)]
pub struct ClaudeCodeSettings {
    /// The program's name or path, usually `claude`.
    pub program: OsString,
    /// Where programs are looked for.
    pub path: OsString,
    /// How many turns it may take.
    pub turns: NonZeroU32,
    /// Variables that the program reads beside those it always gets.
    pub variables: Vec<(OsString, OsString)>,
}

/// The harness for Claude Code.
///
/// A repository may bring settings, hooks and servers that would run before anybody has looked at them,
/// and may even redirect the model's address with the key: so only the settings of an empty home are
/// read, and no servers but ours.
#[derive(Clone, Debug)]
pub struct ClaudeCode {
    settings: ClaudeCodeSettings,
    root: bool,
}

impl ClaudeCode {
    /// Claude Code with these settings.
    pub fn new(settings: ClaudeCodeSettings) -> Self {
        Self {
            settings,
            root: rustix::process::geteuid().is_root(),
        }
    }
}

impl Harness for ClaudeCode {
    fn name(&self) -> &'static str {
        "claude-code"
    }

    fn ready(&self, wire: Option<Wire>) -> Result<(), FailureKind> {
        if find(&self.settings.program, &self.settings.path).is_none() {
            return Err(FailureKind::AgentMissing);
        }
        match wire {
            Some(Wire::Anthropic | Wire::Bedrock) => Ok(()),
            Some(Wire::OpenAi) | None => Err(FailureKind::AgentUnconfigured),
        }
    }

    fn start(
        &self,
        assignment: Assignment<'_>,
        model: Option<&ModelAccess>,
        random: &dyn Random,
    ) -> Start {
        let mut session = [0_u8; 16];
        random.fill(&mut session);
        let session = uuid::Builder::from_random_bytes(session)
            .into_uuid()
            .to_string();
        let turns = self.settings.turns.to_string();
        let mut command: Vec<OsString> = vec![self.settings.program.clone()];
        let arguments = [
            "-p",
            "--output-format",
            "stream-json",
            "--verbose",
            "--dangerously-skip-permissions",
            "--max-turns",
            &turns,
            "--setting-sources",
            "user",
            "--strict-mcp-config",
            "--session-id",
            &session,
        ];
        command.extend(arguments.map(OsString::from));
        if !assignment.system.is_empty() {
            command.extend(["--append-system-prompt", assignment.system].map(OsString::from));
        }
        match assignment.tools {
            AgentTools::Read => {
                command.extend(["--disallowedTools", WRITING_TOOLS].map(OsString::from));
            }
            AgentTools::Write => {}
        }
        Start {
            command,
            environment: self.environment(model),
            // What people wrote goes where neither a limit of arguments nor the table of processes is in the way.
            input: assignment.prompt.as_bytes().to_vec(),
        }
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(StreamReader::default())
    }
}

impl ClaudeCode {
    fn environment(&self, model: Option<&ModelAccess>) -> Vec<(OsString, OsString)> {
        let on = |name: &str| (OsString::from(name), OsString::from("1"));
        let mut environment: Vec<_> = QUIET.into_iter().map(on).collect();
        environment.extend(model.map(ModelAccess::variables).unwrap_or_default());
        // Without this the program refuses to work as root, as which containers often run.
        if self.root {
            environment.push(on("IS_SANDBOX"));
        }
        environment.extend(self.settings.variables.iter().cloned());
        environment
    }
}

/// The program's usual name.
pub(crate) const PROGRAM: &str = "claude";

impl ClaudeCodeSettings {
    /// Settings with the program's usual name and model.
    pub fn new(path: &OsStr) -> Self {
        Self {
            program: PROGRAM.into(),
            path: path.to_owned(),
            turns: TURNS,
            variables: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::SeededRandom;

    use super::*;

    fn harness(program: &str) -> ClaudeCode {
        ClaudeCode::new(ClaudeCodeSettings {
            program: program.into(),
            ..ClaudeCodeSettings::new(OsStr::new("/bin:/usr/bin"))
        })
    }

    fn start(tools: AgentTools) -> Start {
        let assignment = Assignment {
            tools,
            system: "How to do it.",
            prompt: "Do it.",
        };
        harness("sh").start(assignment, None, &SeededRandom::new(1))
    }

    #[test]
    fn what_is_missing_is_found_out_before_anything_starts() {
        let ready = |program, wire| harness(program).ready(wire);
        assert_eq!(
            ready("no-such-claude", Some(Wire::Anthropic)),
            Err(FailureKind::AgentMissing)
        );
        for wire in [None, Some(Wire::OpenAi)] {
            assert_eq!(ready("sh", wire), Err(FailureKind::AgentUnconfigured));
        }
        for wire in [Wire::Anthropic, Wire::Bedrock] {
            assert_eq!(ready("sh", Some(wire)), Ok(()));
        }
    }

    #[test]
    fn repository_settings_are_off_and_reading_has_no_writing_tools() {
        let writing = start(AgentTools::Write);
        let has = |start: &Start, words: &[&str]| {
            start
                .command
                .windows(words.len())
                .any(|window| window == words)
        };
        assert!(has(&writing, &["--setting-sources", "user"]));
        assert!(has(&writing, &["--strict-mcp-config"]));
        assert!(has(&writing, &["--max-turns", "200"]));
        assert!(!has(&writing, &["--disallowedTools"]));
        assert!(has(
            &start(AgentTools::Read),
            &["--disallowedTools", WRITING_TOOLS]
        ));
    }

    #[test]
    fn what_people_wrote_is_no_argument_and_what_we_say_is_the_systems_text() {
        let start = start(AgentTools::Write);
        assert_eq!(start.input, b"Do it.");
        assert!(!start.command.iter().any(|word| word == "Do it."));
        let system = ["--append-system-prompt", "How to do it."];
        assert!(start.command.windows(2).any(|window| window == system));
    }
}
