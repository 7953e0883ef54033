//! What goes from a terminal into the local stack.

use std::{collections::HashMap, fmt, hash::BuildHasher};

use crate::{Declaration, Local, Program, names, table};

/// How settings begin that only this system knows.
const PREFIX: &str = "SWITCHYARD_";

/// What of the terminal's environment the local stack gives to a daemon, if it is set. Nothing else reaches it.
pub fn passed_on() -> impl Iterator<Item = &'static Declaration> {
    table::all()
        .filter(|setting| setting.is_read_by(Program::Daemon) && setting.local() != Local::Sets)
}

/// A setting that has no effect at the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    name: String,
    meant: Option<&'static str>,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is set, but is no setting here", self.name)?;
        match self.meant {
            Some(meant) => write!(f, "; {meant} is"),
            None => Ok(()),
        }
    }
}

/// The settings of ours in `vars` that nobody reads from a terminal, most of them misspelt, by name.
pub fn unknown(vars: &HashMap<String, String, impl BuildHasher>) -> Vec<Unknown> {
    let known = || {
        let own = table::all().filter(|setting| setting.is_read_by(Program::LocalStack));
        let names = passed_on().chain(own).map(Declaration::name);
        names.filter(|name| name.starts_with(PREFIX))
    };
    let mut names: Vec<&String> = vars
        .keys()
        .filter(|name| name.starts_with(PREFIX) && !known().any(|known| known == *name))
        .collect();
    names.sort_unstable();
    let found = names.into_iter().map(|name| Unknown {
        name: name.clone(),
        meant: names::nearest(name, known()),
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(names: &[&str]) -> Vec<String> {
        let vars: HashMap<String, String> = names
            .iter()
            .map(|name| ((*name).to_owned(), "x".to_owned()))
            .collect();
        unknown(&vars).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_misspelt_name_is_shown_with_the_one_that_was_meant() {
        assert_eq!(
            said(&[
                "SWITCHYARD_COMAND",
                "SWITCHYARD_HARNES",
                "SWITCHYARD_AGENT_SECOND"
            ]),
            [
                "SWITCHYARD_AGENT_SECOND is set, but is no setting here; SWITCHYARD_AGENT_SECONDS is",
                "SWITCHYARD_COMAND is set, but is no setting here; SWITCHYARD_COMMAND is",
                "SWITCHYARD_HARNES is set, but is no setting here; SWITCHYARD_HARNESS is",
            ]
        );
        assert_eq!(
            said(&["SWITCHYARD_MAGIC_WORDS"]),
            ["SWITCHYARD_MAGIC_WORDS is set, but is no setting here"]
        );
    }

    #[test]
    fn nothing_is_said_of_what_is_read_or_somebody_elses() {
        assert_eq!(
            said(&[
                "SWITCHYARD_HARNESS",
                "SWITCHYARD_EDIT_MILLIS",
                "HOME",
                "OTHER_COMAND"
            ]),
            [""; 0]
        );
    }

    #[test]
    fn secrets_of_the_platform_are_not_passed_on() {
        let names: Vec<&str> = passed_on().map(Declaration::name).collect();
        assert!(names.contains(&"ANTHROPIC_API_KEY"));
        for secret in [
            "GITHUB_APP_PRIVATE_KEY",
            "GITHUB_WEBHOOK_SECRET",
            "SWITCHYARD_TOKEN_KEY",
            "SWITCHYARD_DAEMON_KEY",
            "SWITCHYARD_GITHUB_TOKEN",
        ] {
            assert!(!names.contains(&secret), "{secret}");
        }
    }
}
