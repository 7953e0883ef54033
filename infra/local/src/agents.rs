//! The settings of daemons and agents: which of them reach a daemon, and which agent is run.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result};

use settings::{
    ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN, AWS_BEARER_TOKEN_BEDROCK, CLAUDE_CODE_OAUTH_TOKEN,
    CLAUDE_CODE_USE_BEDROCK, Declaration, SWITCHYARD_COMMAND, SWITCHYARD_DRAIN_SECONDS,
    SWITCHYARD_HARNESS,
};

use crate::{daemons::DaemonCommand, demo_repository, vars::Vars};

/// Any of these lets Claude Code reach a model.
static MODEL_KEYS: [&Declaration; 5] = [
    ANTHROPIC_API_KEY.declaration(),
    ANTHROPIC_AUTH_TOKEN.declaration(),
    AWS_BEARER_TOKEN_BEDROCK.declaration(),
    CLAUDE_CODE_OAUTH_TOKEN.declaration(),
    CLAUDE_CODE_USE_BEDROCK.declaration(),
];

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
        let key = MODEL_KEYS.iter().any(|key| key.of(vars).is_some());
        if SWITCHYARD_HARNESS.of(vars).is_some() || (key && daemon::finds_program("claude", path)) {
            Self::AsSet
        } else {
            Self::Demonstration
        }
    }
}

/// A daemon of this very program that runs `agent`, with the settings for daemons that this process was given.
pub(crate) fn daemon_command(vars: &Vars, agent: &Agent) -> Result<DaemonCommand> {
    let mut settings: BTreeMap<String, String> = settings::passed_on()
        .filter_map(|setting| {
            let text = setting.from_terminal(vars)?;
            Some((setting.name().to_owned(), text.to_owned()))
        })
        .collect();
    if *agent == Agent::Demonstration {
        // It speaks to no model, so nothing said about one can keep it from starting.
        for setting in settings::about_models() {
            settings.remove(setting.name());
        }
        settings.insert(SWITCHYARD_HARNESS.name().to_owned(), "command".to_owned());
        let command = serde_json::json!(demo_repository::COMMAND).to_string();
        settings.insert(SWITCHYARD_COMMAND.name().to_owned(), command);
    }
    Ok(DaemonCommand {
        program: std::env::current_exe().context("the path of this program")?,
        arguments: vec!["daemon".into(), "--with-parent".into()],
        settings,
    })
}

/// How long a daemon's job may go on after the request to end. Here it is short: nobody at a terminal waits for as long as a
/// deployment does, and what is not done by then is given back and goes on at the next start.
pub(crate) fn drain(command: &DaemonCommand) -> Duration {
    let set = command.settings.get(SWITCHYARD_DRAIN_SECONDS.name());
    let seconds = set.and_then(|text| text.trim().parse().ok());
    let seconds = seconds.map(Duration::from_secs);
    seconds
        .or_else(|| SWITCHYARD_DRAIN_SECONDS.default_value())
        .unwrap_or_default()
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
        assert_eq!(drain(&command), Duration::from_secs(5));
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
        assert_eq!(chosen(&[("SWITCHYARD_HARNESS", "command")]), Agent::AsSet);
        let claude = folder.path().join("claude");
        std::fs::write(&claude, "").unwrap();
        assert_eq!(chosen(&[key]), Agent::Demonstration, "it is no program");
        let rights = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&claude, rights).unwrap();
        assert_eq!(chosen(&[]), Agent::Demonstration, "there is no key");
        assert_eq!(chosen(&[key]), Agent::AsSet);
    }
}
