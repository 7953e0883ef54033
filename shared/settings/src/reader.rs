//! Typed reading that collects what is wrong.

use secrecy::ExposeSecret;

use crate::{
    Absent, Declaration, Program, Setting, Settings, SettingsError, Source, WrongSetting, names,
    value::Fault,
};

/// What to do about credentials in an address.
const TAKE_OUT: &str = "Take it out: an address holds no credentials.";

/// Reads settings one by one. What is missing or wrong is none, and remembered for [`Reader::finish`]; values are
/// never part of a report.
#[derive(Debug)]
pub struct Reader<'a> {
    settings: &'a Settings,
    program: Program,
    wrong: Vec<WrongSetting>,
}

impl Settings {
    /// Starts reading as `program`.
    pub fn reader(&self, program: Program) -> Reader<'_> {
        Reader {
            settings: self,
            program,
            wrong: self.wrong.clone(),
        }
    }
}

impl<'a> Reader<'a> {
    /// The value of `setting`, or the one that holds without it. None is remembered as wrong if the setting is
    /// required or set.
    pub fn get<T>(&mut self, setting: &Setting<T>) -> Option<T> {
        let text = self.text(setting)?;
        match (setting.read)(&setting.form, text) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.fault(setting, fault);
                None
            }
        }
    }

    /// What `parse` makes of the text of `setting`, for types of the program's own.
    pub fn parse<T>(
        &mut self,
        setting: &Setting<String>,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.get(setting)?;
        let value = parse(&text);
        if value.is_none() {
            self.fault(setting, Fault::Form);
        }
        value
    }

    /// Whether `setting` itself is there, and not what would hold without it.
    pub fn is_set(&self, setting: &Declaration) -> bool {
        self.value(setting).is_some()
    }

    /// Remembers that `setting` is wrong for a reason that only the caller knows.
    pub fn wrong(&mut self, setting: &Declaration, reason: impl Into<String>) {
        self.wrong.push(WrongSetting::new(setting, reason));
    }

    /// The same, with what to do about it.
    pub fn wrong_for(
        &mut self,
        setting: &Declaration,
        reason: impl Into<String>,
        solution: impl Into<String>,
    ) {
        let wrong = WrongSetting::with_solution(setting, reason, solution);
        self.wrong.push(wrong);
    }

    /// What `build` makes of the values, or else everything that is wrong.
    pub fn finish<T>(mut self, build: impl FnOnce() -> Option<T>) -> Result<T, SettingsError> {
        if self.wrong.is_empty() {
            if let Some(built) = build() {
                return Ok(built);
            }
            self.wrong.push(WrongSetting {
                name: "settings",
                reason: "a value is missing without having been read".to_owned(),
                solution: "Report it: this is a fault of the program.".to_owned(),
            });
        }
        Err(SettingsError(self.wrong))
    }

    fn text(&mut self, setting: &Declaration) -> Option<&'a str> {
        if !setting.is_read_by(self.program) {
            let reason = format!("{} reads it, which is not declared", self.program);
            self.wrong_for(
                setting,
                reason,
                "Report it: this is a fault of the program.",
            );
            return None;
        }
        let value = self.value(setting);
        match setting.absent() {
            Absent::Default(text) => value.or(Some(text)),
            Absent::Means(_) => value,
            Absent::Required => {
                if value.is_none() && self.settings.knows(setting) && !self.is_told(setting) {
                    self.missing(setting);
                }
                value
            }
        }
    }

    /// Whether it was wrong before, when another part read it.
    fn is_told(&self, setting: &Declaration) -> bool {
        self.wrong.iter().any(|wrong| wrong.name == setting.name())
    }

    fn value(&self, setting: &Declaration) -> Option<&'a str> {
        let value = self.settings.values.get(setting.name());
        value.map(ExposeSecret::expose_secret)
    }

    fn missing(&mut self, setting: &Declaration) {
        let set = self.settings.values.keys().map(String::as_str);
        let reason = match names::meant(setting.name(), set) {
            Some(other) => format!("it is missing, but {other} is set, which is no setting"),
            None => "it is missing".to_owned(),
        };
        let solution = match (setting.source(), self.settings.prefix()) {
            (Source::ParameterStore, Some(prefix)) => format!(
                "{} It may stand in the environment or as the parameter {prefix}/{}.",
                setting.solution(),
                setting.name()
            ),
            _ => setting.solution().to_owned(),
        };
        self.wrong_for(setting, reason, solution);
    }

    fn fault(&mut self, setting: &Declaration, fault: Fault) {
        if self.is_told(setting) {
            return;
        }
        match fault {
            Fault::Form => self.wrong(setting, format!("it is not {}", setting.form)),
            Fault::Credentials => {
                self.wrong_for(setting, "it holds a user name or password", TAKE_OUT);
            }
        }
    }
}
