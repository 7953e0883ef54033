//! Settings whose names nobody reads, most of them misspelt.

use std::fmt;

use super::PASSED_ON;
use crate::cli::Vars;

const PREFIX: &str = "SWITCHYARD_";

/// What this program reads itself.
const OWN: [&str; 5] = [
    "SWITCHYARD_ALLOWED_OWNERS",
    "SWITCHYARD_EDIT_MILLIS",
    "SWITCHYARD_EVENTS_MILLIS",
    "SWITCHYARD_GITHUB_TOKEN",
    "SWITCHYARD_HEARTBEAT_SECONDS",
];

/// More differences than these make two names different ones.
const ALIKE: usize = 4;

/// A setting that has no effect here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unknown {
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

/// The settings of ours that nobody reads, by name.
pub(crate) fn unknown(vars: &Vars) -> Vec<Unknown> {
    let known = || {
        PASSED_ON
            .into_iter()
            .chain(OWN)
            .filter(|name| name.starts_with(PREFIX))
    };
    let mut names: Vec<&String> = vars
        .keys()
        .filter(|name| name.starts_with(PREFIX) && !known().any(|known| known == *name))
        .collect();
    names.sort_unstable();
    let nearest = |name: &str| {
        known()
            .map(|known| (strsim::damerau_levenshtein(known, name), known))
            .min()
            .filter(|(distance, _)| *distance <= ALIKE)
            .map(|(_, known)| known)
    };
    let found = names.into_iter().map(|name| Unknown {
        name: name.clone(),
        meant: nearest(name),
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(names: &[&str]) -> Vec<String> {
        let vars = names
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
}
