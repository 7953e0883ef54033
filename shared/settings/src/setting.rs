//! A declared setting with the type of its value.

use std::{fmt, ops::Deref, path::PathBuf, str::FromStr, time::Duration};

use secrecy::SecretString;
use url::Url;

use crate::{
    Absent, Declaration, Local, Program, Source,
    form::{Form, Number, Unit},
    value::{self, Read},
};

/// What to do about a setting that may be left out.
const LEAVE_OUT: &str = "Correct it, or leave it out.";

/// A setting whose value is a `T`.
pub struct Setting<T> {
    declaration: Declaration,
    pub(crate) read: Read<T>,
}

impl<T> Setting<T> {
    /// What is said about it.
    pub const fn declaration(&self) -> &Declaration {
        &self.declaration
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.declaration.name
    }

    /// The value that holds without it, if one does.
    pub fn default_value(&self) -> Option<T> {
        match self.absent {
            Absent::Default(text) => (self.read)(&self.form, text).ok(),
            Absent::Required | Absent::Means(_) => None,
        }
    }

    /// Whether what holds without it, here and with the local stack, is a value of it.
    #[cfg(test)]
    pub(crate) fn defaults_fit(&self) -> bool {
        let here = match self.absent {
            Absent::Default(text) => Some(text),
            Absent::Required | Absent::Means(_) => None,
        };
        let mut texts = here.into_iter().chain(self.local_default());
        texts.all(|text| (self.read)(&self.form, text).is_ok())
    }

    const fn new(form: Form, read: Read<T>) -> Self {
        let declaration = Declaration {
            name: "",
            meaning: "",
            form,
            readers: &[],
            source: Source::Environment,
            absent: Absent::Required,
            local: Local::Passes,
            solution: LEAVE_OUT,
        };
        Self { declaration, read }
    }

    pub(crate) const fn read_by(mut self, programs: &'static [Program]) -> Self {
        self.declaration.readers = programs;
        self
    }

    pub(crate) const fn or_parameter(mut self) -> Self {
        self.declaration.source = Source::ParameterStore;
        self
    }

    pub(crate) const fn otherwise(mut self, default: &'static str) -> Self {
        self.declaration.absent = Absent::Default(default);
        self
    }

    pub(crate) const fn without(mut self, words: &'static str) -> Self {
        self.declaration.absent = Absent::Means(words);
        self
    }

    pub(crate) const fn locally(mut self, local: Local) -> Self {
        self.declaration.local = local;
        self
    }

    pub(crate) const fn solve(mut self, solution: &'static str) -> Self {
        self.declaration.solution = solution;
        self
    }

    pub(crate) const fn named(mut self, name: &'static str, meaning: &'static str) -> Self {
        self.declaration.name = name;
        self.declaration.meaning = meaning.trim_ascii();
        self
    }
}

impl<T> Deref for Setting<T> {
    type Target = Declaration;

    fn deref(&self) -> &Declaration {
        &self.declaration
    }
}

impl<T> fmt::Debug for Setting<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.declaration.fmt(f)
    }
}

pub(crate) const fn text(what: &'static str) -> Setting<String> {
    Setting::new(Form::Text(what), value::text)
}

pub(crate) const fn parsed<T: FromStr>(what: &'static str) -> Setting<T> {
    Setting::new(Form::Text(what), value::parsed)
}

pub(crate) const fn path(what: &'static str) -> Setting<PathBuf> {
    Setting::new(Form::Text(what), value::path)
}

pub(crate) const fn paths() -> Setting<Vec<PathBuf>> {
    Setting::new(Form::Paths, value::paths)
}

pub(crate) const fn secret(what: &'static str) -> Setting<SecretString> {
    Setting::new(Form::Secret(what), value::secret)
}

pub(crate) const fn key() -> Setting<SecretString> {
    let what = "a random text of 32 characters or more";
    Setting::new(Form::Secret(what), value::key)
}

pub(crate) const fn token(what: &'static str) -> Setting<SecretString> {
    Setting::new(Form::Secret(what), value::token)
}

pub(crate) const fn url() -> Setting<Url> {
    Setting::new(Form::Url, value::url)
}

pub(crate) const fn address() -> Setting<String> {
    Setting::new(Form::Url, value::address)
}

pub(crate) const fn list<T: FromStr>(what: &'static str) -> Setting<Vec<T>> {
    Setting::new(Form::List(what), value::list)
}

pub(crate) const fn choice(words: &'static [&'static str]) -> Setting<&'static str> {
    Setting::new(Form::Choice(words), value::choice)
}

pub(crate) const fn switch() -> Setting<bool> {
    Setting::new(Form::Switch, value::switch)
}

pub(crate) const fn yes_or_no() -> Setting<bool> {
    Setting::new(Form::Choice(&[value::YES, value::NO]), value::yes_or_no)
}

/// A number of things.
pub(crate) const fn count<T: TryFrom<u64>>(
    of: &'static str,
    least: u64,
    most: Option<u64>,
) -> Setting<T> {
    let unit = Unit::Of(of);
    Setting::new(Form::Number(Number { unit, least, most }), value::count)
}

pub(crate) const fn time(unit: Unit, least: u64, most: Option<u64>) -> Setting<Duration> {
    Setting::new(Form::Number(Number { unit, least, most }), value::time)
}
