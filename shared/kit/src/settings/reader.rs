//! Typed reading that collects what is wrong.

use std::{fmt::Display, str::FromStr};

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{Settings, SettingsError, WrongSetting};

/// Reads settings one by one. What is missing or wrong is none, and remembered for
/// [`SettingsReader::finish`]; values are never part of a report.
#[derive(Debug)]
pub struct SettingsReader<'a> {
    settings: &'a Settings,
    problems: Vec<WrongSetting>,
}

impl<'a> SettingsReader<'a> {
    pub(super) fn new(settings: &'a Settings) -> Self {
        Self {
            settings,
            problems: settings.problems.clone(),
        }
    }

    /// A text that must be there.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.required(name).map(str::to_owned)
    }

    /// A text that may be missing.
    pub fn optional(&self, name: &str) -> Option<String> {
        self.value(name).map(str::to_owned)
    }

    /// A secret that must be there.
    pub fn secret(&mut self, name: &str) -> Option<SecretString> {
        self.required(name).map(SecretString::from)
    }

    /// A secret that may be missing.
    pub fn optional_secret(&self, name: &str) -> Option<SecretString> {
        self.value(name).map(SecretString::from)
    }

    /// An `http` or `https` address that must be there.
    pub fn url(&mut self, name: &str) -> Option<Url> {
        let text = self.required(name)?;
        self.address(name, text)
    }

    /// An `http` or `https` address that may be missing.
    pub fn optional_url(&mut self, name: &str) -> Option<Url> {
        let text = self.value(name)?;
        self.address(name, text)
    }

    fn address(&mut self, name: &str, text: &str) -> Option<Url> {
        match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Some(url),
            Ok(_) | Err(_) => {
                self.wrong(
                    name,
                    "it is not an http or https address",
                    "Write it like https://host/path.",
                );
                None
            }
        }
    }

    /// A value with a type of its own that must be there. `expected` says what it looks like.
    pub fn parse<T: FromStr<Err: Display>>(&mut self, name: &str, expected: &str) -> Option<T> {
        let text = self.required(name)?;
        self.parsed(name, text, expected)
    }

    /// As [`Self::parse`], with a value for when it is missing.
    pub fn parse_or<T: FromStr<Err: Display>>(
        &mut self,
        name: &str,
        expected: &str,
        default: T,
    ) -> Option<T> {
        match self.value(name) {
            Some(text) => self.parsed(name, text, expected),
            None => Some(default),
        }
    }

    /// Values separated by commas; missing is none at all.
    pub fn list<T: FromStr<Err: Display>>(&mut self, name: &str, expected: &str) -> Option<Vec<T>> {
        let text = self.value(name).unwrap_or_default();
        let parts = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        parts
            .map(|part| self.parsed(name, part, expected))
            .collect()
    }

    /// Remembers that `name` is wrong for a reason only the caller knows.
    pub fn wrong(&mut self, name: &str, problem: &str, solution: &str) {
        self.problems.push(WrongSetting {
            name: name.to_owned(),
            problem: problem.to_owned(),
            solution: solution.to_owned(),
        });
    }

    /// What `build` makes of the values, or else everything that is wrong.
    pub fn finish<T>(mut self, build: impl FnOnce() -> Option<T>) -> Result<T, SettingsError> {
        if self.problems.is_empty() {
            if let Some(built) = build() {
                return Ok(built);
            }
            self.wrong(
                "settings",
                "a value is missing without having been read",
                "Tell the operator.",
            );
        }
        Err(SettingsError(self.problems))
    }

    fn value(&self, name: &str) -> Option<&'a str> {
        self.settings
            .values
            .get(name)
            .map(ExposeSecret::expose_secret)
    }

    fn required(&mut self, name: &str) -> Option<&'a str> {
        let value = self.value(name);
        if value.is_none() && !self.settings.unknown.contains(name) {
            let solution = match &self.settings.prefix {
                Some(prefix) => {
                    format!("Set it in the environment or as the parameter {prefix}/{name}.")
                }
                None => "Set it in the environment.".to_owned(),
            };
            self.wrong(name, "it is missing", &solution);
        }
        value
    }

    fn parsed<T: FromStr<Err: Display>>(
        &mut self,
        name: &str,
        text: &str,
        expected: &str,
    ) -> Option<T> {
        match text.trim().parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong(
                    name,
                    &format!("it cannot be read: {error}"),
                    &format!("Expected is {expected}."),
                );
                None
            }
        }
    }
}
