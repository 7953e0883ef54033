//! Settings: from the environment, or else from Parameter Store.

mod error;
mod parameters;
mod reader;

use std::collections::{HashMap, HashSet};

use secrecy::{ExposeSecret, SecretString};

use crate::Clients;
pub use error::{SettingsError, WrongSetting};
pub use reader::SettingsReader;

/// Names the prefix under which Parameter Store holds what the environment does not.
const PREFIX: &str = "SWITCHYARD_PARAMETERS";

/// The process's environment, for a `main.rs` to pass on. Variables that are not text are left out.
#[expect(
    clippy::disallowed_methods,
    reason = "the mains read the environment through this"
)]
pub fn environment() -> HashMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// The settings of a process. An empty value counts as missing.
#[derive(Debug)]
pub struct Settings {
    values: HashMap<String, SecretString>,
    prefix: Option<String>,
    problems: Vec<WrongSetting>,
    /// Settings of which nothing can be said, since Parameter Store could not be read.
    unknown: HashSet<String>,
}

impl Settings {
    /// Takes the environment as it is given, and nothing else.
    pub fn from_vars(vars: HashMap<String, String>) -> Self {
        let mut values: HashMap<String, SecretString> = vars
            .into_iter()
            .filter(|(_, value)| !value.trim().is_empty())
            .map(|(name, value)| (name, value.into()))
            .collect();
        let prefix = values.remove(PREFIX);
        let prefix = prefix.map(|text| text.expose_secret().trim_end_matches('/').to_owned());
        Self {
            values,
            prefix,
            problems: Vec::new(),
            unknown: HashSet::new(),
        }
    }

    /// Takes the environment as it is given and, if it holds `SWITCHYARD_PARAMETERS`, asks Parameter Store for
    /// those of `names` that it does not hold. The role must be allowed to read every one of them. That Parameter
    /// Store cannot be read is reported together with everything else, by [`SettingsReader::finish`].
    pub async fn load(vars: HashMap<String, String>, aws: &Clients, names: &[&str]) -> Self {
        let mut settings = Self::from_vars(vars);
        let missing: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| !settings.values.contains_key(*name))
            .collect();
        if let Some(prefix) = settings.prefix.clone()
            && !missing.is_empty()
        {
            match parameters::read(&aws.ssm(), &prefix, &missing).await {
                Ok(found) => settings.values.extend(found),
                Err(reason) => settings.cannot_read(&prefix, &missing, &reason),
            }
        }
        settings
    }

    /// Starts reading.
    pub fn reader(&self) -> SettingsReader<'_> {
        SettingsReader::new(self)
    }

    fn cannot_read(&mut self, prefix: &str, names: &[&str], reason: &str) {
        self.unknown
            .extend(names.iter().map(|name| (*name).to_owned()));
        let solution = format!(
            "Allow the role ssm:GetParameters on {prefix}/{{{}}} and kms:Decrypt on their key.",
            names.join(",")
        );
        self.problems.push(WrongSetting {
            name: PREFIX.to_owned(),
            problem: format!("Parameter Store cannot be read: {reason}"),
            solution,
        });
    }
}

#[cfg(test)]
mod tests;
