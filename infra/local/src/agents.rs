//! The settings of daemons and agents: which of them reach a daemon, and which agent is run.

mod names;

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result};

pub(crate) use names::unknown;

use crate::{cli::Vars, daemons::DaemonCommand, demo_repository};

/// What of this process's environment a daemon is given, if it is set. Nothing else reaches it.
pub const PASSED_ON: [&str; 43] = [
    "SWITCHYARD_AGENT_HOSTS",
    "SWITCHYARD_AGENT_IDLE_SECONDS",
    "SWITCHYARD_AGENT_LOGS",
    "SWITCHYARD_AGENT_SECONDS",
    "SWITCHYARD_AGENT_TURNS",
    "SWITCHYARD_CHECK_COMMAND",
    "SWITCHYARD_CLONE_DEPTH",
    "SWITCHYARD_COMMAND",
    "SWITCHYARD_DAEMON_ID",
    "SWITCHYARD_DRAIN_SECONDS",
    "SWITCHYARD_HARNESS",
    "SWITCHYARD_JOB_DISK_MIB",
    "SWITCHYARD_JOB_PROCESSES",
    "SWITCHYARD_JOB_USERS",
    "SWITCHYARD_MODEL_CA_FILE",
    "SWITCHYARD_MODEL_SCAN",
    "SWITCHYARD_SANDBOX",
    "SWITCHYARD_SANDBOX_READABLE",
    "SWITCHYARD_WORK_DIR",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_BEDROCK_BASE_URL",
    "ANTHROPIC_MODEL",
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CODE_USE_ANTHROPIC_AWS",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_FOUNDRY",
    "CLAUDE_CODE_USE_GATEWAY",
    "CLAUDE_CODE_USE_MANTLE",
    "CLAUDE_CODE_USE_VERTEX",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "HTTPS_PROXY",
    "SSL_CERT_FILE",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "RUST_LOG",
    "HOME",
    "TMPDIR",
];

/// Any of these lets Claude Code reach a model.
const MODEL_KEYS: [&str; 5] = [
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "AWS_BEARER_TOKEN_BEDROCK",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CODE_USE_BEDROCK",
];

/// What begins like this is about models.
const MODEL_PREFIXES: [&str; 5] = [
    "ANTHROPIC_",
    "AWS_BEARER_",
    "CLAUDE_CODE_",
    "OPENAI_",
    "SWITCHYARD_MODEL_",
];

/// How long a job may go on here after Ctrl-C. Nobody at a terminal waits for as long as a deployment does;
/// what is not done by then is given back and goes on at the next start.
const DRAIN: Duration = Duration::from_secs(5);
const DRAIN_SETTING: &str = "SWITCHYARD_DRAIN_SECONDS";
const HARNESS: &str = "SWITCHYARD_HARNESS";

/// Which agent daemons run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Agent {
    /// The one that the settings name, or else Claude Code.
    AsSet,
    /// The demonstration's script.
    Demonstration,
}

impl Agent {
    /// The agent for a simulated GitHub: what is set, or Claude Code if it could work, and otherwise the script.
    pub(crate) fn for_simulation(vars: &Vars, path: &str) -> Self {
        let set = |name: &str| vars.get(name).is_some_and(|value| !value.trim().is_empty());
        let key = MODEL_KEYS.into_iter().any(set);
        if set(HARNESS) || (key && daemon::finds_program("claude", path)) {
            Self::AsSet
        } else {
            Self::Demonstration
        }
    }
}

/// A daemon of this very program that runs `agent`, with the settings for daemons that this process was given.
pub(crate) fn daemon_command(vars: &Vars, agent: &Agent) -> Result<DaemonCommand> {
    let mut settings: BTreeMap<String, String> = PASSED_ON
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), vars.get(name)?.clone())))
        .collect();
    let drain = DRAIN.as_secs().to_string();
    settings.entry(DRAIN_SETTING.to_owned()).or_insert(drain);
    if *agent == Agent::Demonstration {
        // It speaks to no model, so nothing said about one can keep it from starting.
        settings.retain(|name, _| !MODEL_PREFIXES.iter().any(|prefix| name.starts_with(prefix)));
        settings.insert(HARNESS.to_owned(), "command".to_owned());
        let command = serde_json::json!(demo_repository::COMMAND).to_string();
        settings.insert("SWITCHYARD_COMMAND".to_owned(), command);
    }
    Ok(DaemonCommand {
        program: std::env::current_exe().context("the path of this program")?,
        arguments: vec!["daemon".into(), "--with-parent".into()],
        settings,
    })
}

/// How long a daemon's job may go on after the request to end.
pub(crate) fn drain(command: &DaemonCommand) -> Duration {
    let set = command.settings.get(DRAIN_SETTING);
    let seconds = set.and_then(|text| text.trim().parse().ok());
    seconds.map_or(DRAIN, Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vars(all: &[(&str, &str)]) -> Vars {
        let all = all.iter();
        all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn a_daemon_gets_what_it_needs_and_nothing_else() {
        let secrets = [
            ("GITHUB_APP_PRIVATE_KEY", "key"),
            ("GITHUB_WEBHOOK_SECRET", "secret"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("SWITCHYARD_TOKEN_KEY", "key"),
            ("SWITCHYARD_GITHUB_TOKEN", "token"),
            ("GH_TOKEN", "token"),
        ];
        let wanted = [
            ("ANTHROPIC_BASE_URL", "https://gateway"),
            ("SWITCHYARD_SANDBOX", "none"),
        ];
        let all = [&secrets[..], &wanted[..]].concat();
        let command = daemon_command(&vars(&all), &Agent::AsSet).unwrap();
        for (name, value) in wanted {
            assert_eq!(command.settings.get(name).map(String::as_str), Some(value));
        }
        for (name, _) in secrets {
            assert!(!command.settings.contains_key(name), "{name}");
        }
        assert_eq!(drain(&command), DRAIN);
        let script = daemon_command(&vars(&all), &Agent::Demonstration).unwrap();
        assert!(!script.settings.contains_key("ANTHROPIC_BASE_URL"));
    }

    #[test]
    fn the_simulation_has_an_agent_that_works() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().display().to_string();
        let chosen = |all: &[(&str, &str)]| Agent::for_simulation(&vars(all), &path);
        let key = ("ANTHROPIC_API_KEY", "key");
        assert_eq!(chosen(&[]), Agent::Demonstration);
        assert_eq!(chosen(&[key]), Agent::Demonstration, "there is no claude");
        assert_eq!(chosen(&[(HARNESS, "command")]), Agent::AsSet);
        let claude = folder.path().join("claude");
        std::fs::write(&claude, "").unwrap();
        assert_eq!(chosen(&[key]), Agent::Demonstration, "it is no program");
        let rights = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&claude, rights).unwrap();
        assert_eq!(chosen(&[]), Agent::Demonstration, "there is no key");
        assert_eq!(chosen(&[key]), Agent::AsSet);
    }
}
