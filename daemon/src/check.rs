//! Whether a daemon could start with some settings, without starting one.

use std::{collections::HashMap, ffi::OsStr, path::Path};

use domain::Random;
use settings::{
    Declaration, SWITCHYARD_CHECK_COMMAND, SWITCHYARD_COMMAND, SWITCHYARD_HARNESS, SettingsError,
    WrongSetting,
};

use crate::{
    harness::find,
    settings::{HarnessSettings, Settings},
};

/// What a daemon with these settings would run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prospect {
    /// The agent, as its operator knows it: `claude-code`, or the command.
    pub agent: String,
}

/// Reads `variables` as a daemon does, and looks whether the programs they name are there. All that is wrong is
/// reported together.
#[expect(
    clippy::implicit_hasher,
    reason = "a snapshot of the environment is nothing to tune"
)]
pub fn check(
    variables: &HashMap<String, String>,
    random: &dyn Random,
) -> Result<Prospect, SettingsError> {
    let settings = Settings::read(variables, random)?;
    let (agent, named) = match &settings.harness {
        HarnessSettings::Command(words) => {
            let program = words.first().map(String::as_str);
            (words.join(" "), (&*SWITCHYARD_COMMAND, program))
        }
        HarnessSettings::ClaudeCode { .. } => (
            "claude-code".to_owned(),
            (&*SWITCHYARD_HARNESS, Some("claude")),
        ),
    };
    let checks = settings.check.as_ref().and_then(|words| words.first());
    let checks = (&*SWITCHYARD_CHECK_COMMAND, checks.map(String::as_str));
    let missing = [named, checks]
        .into_iter()
        .filter_map(|(setting, program)| missing(setting, program?, &settings.path));
    let missing: Vec<WrongSetting> = missing.collect();
    if missing.is_empty() {
        Ok(Prospect { agent })
    } else {
        Err(SettingsError(missing))
    }
}

/// Whether a program of this name is found in `path`, which is written as a `PATH`.
pub fn finds_program(name: &str, path: &str) -> bool {
    find(OsStr::new(name), OsStr::new(path)).is_some()
}

fn missing(setting: &Declaration, program: &str, path: &str) -> Option<WrongSetting> {
    let place = Path::new(program);
    // What is named by a relative path is looked for in the checkout, which is not there yet.
    if place.components().count() > 1 && place.is_relative() {
        return None;
    }
    if finds_program(program, path) {
        return None;
    }
    let reason = if place.is_absolute() {
        format!("there is no program {program}")
    } else {
        format!("the program {program} is not found in PATH ({path})")
    };
    let solution = if setting.name() == SWITCHYARD_HARNESS.name() {
        "Install Claude Code where the daemon runs, or set it to command and SWITCHYARD_COMMAND to another agent."
    } else {
        "Install it where the daemon runs, or name another program."
    };
    Some(WrongSetting::with_solution(setting, reason, solution))
}

#[cfg(test)]
mod tests {
    use domain::SeededRandom;

    use super::*;

    fn checked(changes: &[(&str, &str)]) -> Result<String, String> {
        let common = [
            ("JOBS_QUEUE_URL", "http://127.0.0.1:4566/000000000000/jobs"),
            ("SWITCHYARD_WORKER_URL", "http://127.0.0.1:8787"),
            ("SWITCHYARD_DAEMON_KEY", "0123456789abcdef0123456789abcdef"),
            ("GITHUB_API_URL", "https://api.github.com"),
            ("GITHUB_GIT_URL", "https://github.com"),
            ("SWITCHYARD_HARNESS", "command"),
            ("SWITCHYARD_COMMAND", "sh -c true"),
            ("PATH", "/usr/bin:/bin"),
        ];
        let all = common.iter().chain(changes);
        let variables = all
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let found = check(&variables, &SeededRandom::new(1));
        found
            .map(|found| found.agent)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn programs_that_are_not_there_are_named_with_where_they_were_looked_for() {
        assert_eq!(checked(&[]).unwrap(), "sh -c true");
        assert_eq!(
            checked(&[("SWITCHYARD_COMMAND", "./of/the/checkout")]).unwrap(),
            "./of/the/checkout"
        );
        let said = checked(&[
            ("SWITCHYARD_COMMAND", "no-such-agent --flag"),
            ("SWITCHYARD_CHECK_COMMAND", "/no/such/check"),
        ]);
        let said = said.unwrap_err();
        assert!(
            said.contains(
                "SWITCHYARD_COMMAND: the program no-such-agent is not found in PATH (/usr/bin:/bin)"
            ),
            "{said}"
        );
        assert!(
            said.contains("SWITCHYARD_CHECK_COMMAND: there is no program /no/such/check"),
            "{said}"
        );
        let said = checked(&[
            ("SWITCHYARD_HARNESS", "claude-code"),
            ("PATH", "/no/such/folder"),
        ])
        .unwrap_err();
        assert!(
            said.contains("the program claude is not found")
                && said.contains("Install Claude Code"),
            "{said}"
        );
    }

    #[test]
    fn what_a_daemon_does_not_take_is_not_taken_here() {
        for (name, value) in [
            ("SWITCHYARD_HARNESS", "claud"),
            ("SWITCHYARD_AGENT_SECONDS", "soon"),
            ("SWITCHYARD_COMMAND", "'open"),
        ] {
            assert!(checked(&[(name, value)]).unwrap_err().contains(name));
        }
    }
}
