//! Claude Code without a person in front of it.

use std::ffi::{OsStr, OsString};

use domain::{FailureKind, Random, Verb};
use secrecy::{ExposeSecret, SecretString};

use super::{Assignment, Harness, Reader, Start, find::find, stream::StreamReader};

/// How many turns the agent may take.
const TURNS: &str = "200";
/// Tools that change files by name; what else changes files while investigating is thrown away.
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
    /// The key for the model provider. Without one every job fails and says so.
    pub key: Option<SecretString>,
    /// The model provider's address, if it is not the program's own.
    pub base_url: Option<String>,
    /// Where programs are looked for.
    pub path: OsString,
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

    fn provider(&self) -> Option<&'static str> {
        Some("anthropic")
    }

    fn ready(&self) -> Result<(), FailureKind> {
        if find(&self.settings.program, &self.settings.path).is_none() {
            return Err(FailureKind::AgentMissing);
        }
        let key = self.settings.key.as_ref();
        let set = key.is_some_and(|key| !key.expose_secret().is_empty());
        if set {
            Ok(())
        } else {
            Err(FailureKind::AgentUnconfigured)
        }
    }

    fn start(&self, assignment: Assignment<'_>, random: &dyn Random) -> Start {
        let mut session = [0_u8; 16];
        random.fill(&mut session);
        let session = uuid::Builder::from_random_bytes(session)
            .into_uuid()
            .to_string();
        let mut command: Vec<OsString> = vec![self.settings.program.clone()];
        let arguments = [
            "-p",
            assignment.prompt,
            "--output-format",
            "stream-json",
            "--verbose",
            "--dangerously-skip-permissions",
            "--max-turns",
            TURNS,
            "--setting-sources",
            "user",
            "--strict-mcp-config",
            "--session-id",
            &session,
        ];
        command.extend(arguments.map(OsString::from));
        if assignment.verb == Verb::Investigate {
            command.extend(["--disallowedTools", WRITING_TOOLS].map(OsString::from));
        }
        Start {
            command,
            environment: self.environment(),
            input: Vec::new(),
        }
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(StreamReader::default())
    }
}

impl ClaudeCode {
    fn environment(&self) -> Vec<(OsString, OsString)> {
        let pair = |name: &str, value: &str| (OsString::from(name), OsString::from(value));
        let mut environment: Vec<_> = QUIET.iter().map(|name| pair(name, "1")).collect();
        if let Some(key) = &self.settings.key {
            environment.push(pair("ANTHROPIC_API_KEY", key.expose_secret()));
        }
        if let Some(address) = &self.settings.base_url {
            environment.push(pair("ANTHROPIC_BASE_URL", address));
        }
        // Without this the program refuses to work as root, as which containers often run.
        if self.root {
            environment.push(pair("IS_SANDBOX", "1"));
        }
        environment
    }
}

/// The program's usual name.
pub(crate) const PROGRAM: &str = "claude";

impl ClaudeCodeSettings {
    /// Settings with the program's usual name.
    pub fn new(key: Option<SecretString>, path: &OsStr) -> Self {
        Self {
            program: PROGRAM.into(),
            key,
            base_url: None,
            path: path.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::SeededRandom;

    use super::*;

    fn harness(program: &str, key: Option<&str>) -> ClaudeCode {
        let mut settings =
            ClaudeCodeSettings::new(key.map(SecretString::from), OsStr::new("/bin:/usr/bin"));
        settings.program = program.into();
        ClaudeCode::new(settings)
    }

    fn start(verb: Verb) -> Start {
        let assignment = Assignment {
            verb,
            prompt: "Do it.",
        };
        harness("sh", Some("key-1")).start(assignment, &SeededRandom::new(1))
    }

    #[test]
    fn what_is_missing_is_found_out_before_anything_starts() {
        assert_eq!(
            harness("no-such-claude", Some("k")).ready(),
            Err(FailureKind::AgentMissing)
        );
        assert_eq!(
            harness("sh", None).ready(),
            Err(FailureKind::AgentUnconfigured)
        );
        assert_eq!(
            harness("sh", Some("")).ready(),
            Err(FailureKind::AgentUnconfigured)
        );
        assert_eq!(harness("sh", Some("k")).ready(), Ok(()));
    }

    #[test]
    fn repository_settings_are_off_and_investigating_has_no_writing_tools() {
        let implement = start(Verb::Implement);
        let has = |start: &Start, words: &[&str]| {
            start
                .command
                .windows(words.len())
                .any(|window| window == words)
        };
        assert!(has(&implement, &["-p", "Do it."]));
        assert!(has(&implement, &["--setting-sources", "user"]));
        assert!(has(&implement, &["--strict-mcp-config"]));
        assert!(!has(&implement, &["--disallowedTools"]));
        assert!(has(
            &start(Verb::Investigate),
            &["--disallowedTools", WRITING_TOOLS]
        ));
        let key = (OsString::from("ANTHROPIC_API_KEY"), OsString::from("key-1"));
        assert!(implement.environment.contains(&key));
        assert!(!implement.command.iter().any(|word| word == "key-1"));
    }
}
