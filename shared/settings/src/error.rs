//! Everything that is wrong with the settings, at once.

use std::fmt;

use crate::Declaration;

/// One setting that is missing or wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongSetting {
    /// The setting's name.
    pub name: &'static str,
    /// What is wrong with it; never its value.
    pub reason: String,
    /// What to do about it.
    pub solution: String,
}

impl WrongSetting {
    /// `setting` is wrong for `reason`; what to do is what its declaration says.
    pub fn new(setting: &Declaration, reason: impl Into<String>) -> Self {
        Self::with_solution(setting, reason, setting.solution())
    }

    /// `setting` is wrong for `reason`, and `solution` mends it.
    pub fn with_solution(
        setting: &Declaration,
        reason: impl Into<String>,
        solution: impl Into<String>,
    ) -> Self {
        Self {
            name: setting.name(),
            reason: reason.into(),
            solution: solution.into(),
        }
    }
}

impl fmt::Display for WrongSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}. {}", self.name, self.reason, self.solution)
    }
}

/// The settings do not do. All that is wrong is in here, so that nobody has to start over for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError(pub Vec<WrongSetting>);

impl SettingsError {
    /// What two parts have made of their settings, or else all that is wrong with either, each thing once.
    pub fn both<A, B>(one: Result<A, Self>, other: Result<B, Self>) -> Result<(A, B), Self> {
        match (one, other) {
            (Ok(one), Ok(other)) => Ok((one, other)),
            (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
            (Err(Self(mut all)), Err(Self(more))) => {
                for wrong in more {
                    if !all.contains(&wrong) {
                        all.push(wrong);
                    }
                }
                Err(Self(all))
            }
        }
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} setting(s) missing or wrong:", self.0.len())?;
        self.0.iter().try_for_each(|wrong| write!(f, "\n  {wrong}"))
    }
}

impl std::error::Error for SettingsError {}
