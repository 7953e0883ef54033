//! The settings of a process.

use std::collections::{HashMap, HashSet};

use secrecy::SecretString;

use crate::{Declaration, SWITCHYARD_PARAMETERS, WrongSetting};

/// The settings of a process. An empty value counts as missing.
#[derive(Debug)]
pub struct Settings {
    pub(crate) values: HashMap<String, SecretString>,
    pub(crate) prefix: Option<String>,
    pub(crate) wrong: Vec<WrongSetting>,
    /// Settings of which nothing can be said, since Parameter Store could not be read.
    pub(crate) unknown: HashSet<&'static str>,
}

impl Settings {
    /// Takes the environment as it is given, and nothing else.
    pub fn from_vars(vars: HashMap<String, String>) -> Self {
        let prefix = SWITCHYARD_PARAMETERS.of(&vars);
        let prefix = prefix.map(|text| text.trim_end_matches('/').to_owned());
        let values = vars.into_iter();
        let values = values
            .filter(|(_, value)| !value.trim().is_empty())
            .map(|(name, value)| (name, value.into()));
        Self {
            values: values.collect(),
            prefix,
            wrong: Vec::new(),
            unknown: HashSet::new(),
        }
    }

    /// Under what Parameter Store holds what the environment does not, without the last stroke.
    pub fn prefix(&self) -> Option<&str> {
        self.prefix.as_deref()
    }

    /// Those of `names` that are not set.
    pub fn missing(&self, names: &[&'static str]) -> Vec<&'static str> {
        let names = names.iter().copied();
        names
            .filter(|name| !self.values.contains_key(*name))
            .collect()
    }

    /// Adds what Parameter Store holds, by name.
    pub fn add(&mut self, found: HashMap<String, SecretString>) {
        self.values.extend(found);
    }

    /// Notes that Parameter Store could not be read for `names`, which is reported together with everything else.
    pub fn unreadable(&mut self, names: &[&'static str], reason: &str) {
        self.unknown.extend(names);
        let prefix = self.prefix().unwrap_or_default();
        let wrong = WrongSetting::with_solution(
            &SWITCHYARD_PARAMETERS,
            format!("Parameter Store cannot be read: {reason}"),
            format!(
                "Allow the role ssm:GetParameters on {prefix}/{{{}}} and kms:Decrypt on their key.",
                names.join(",")
            ),
        );
        self.wrong.push(wrong);
    }

    /// Whether something can be said about `setting`.
    pub(crate) fn knows(&self, setting: &Declaration) -> bool {
        !self.unknown.contains(setting.name())
    }
}
