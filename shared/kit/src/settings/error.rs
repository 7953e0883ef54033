//! Everything that is wrong with the settings, at once.

use std::fmt;

/// One setting that is missing or wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongSetting {
    /// The setting's name.
    pub name: String,
    /// What is wrong with it; never its value.
    pub problem: String,
    /// What to do about it.
    pub solution: String,
}

impl fmt::Display for WrongSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}. {}", self.name, self.problem, self.solution)
    }
}

/// The settings do not do. All that is wrong is in here, so that nobody has to start over for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError(pub Vec<WrongSetting>);

impl SettingsError {
    /// One setting that reads well and still cannot be used, as when a key is no key.
    pub fn one(name: &str, problem: &str, solution: &str) -> Self {
        Self(vec![WrongSetting {
            name: name.to_owned(),
            problem: problem.to_owned(),
            solution: solution.to_owned(),
        }])
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} setting(s) missing or wrong:", self.0.len())?;
        self.0.iter().try_for_each(|wrong| write!(f, "\n  {wrong}"))
    }
}

impl std::error::Error for SettingsError {}
