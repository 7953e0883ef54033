//! What is said about a setting.

use std::{collections::HashMap, hash::BuildHasher};

use crate::{Program, form::Form};

/// Where a setting may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// In the environment only.
    Environment,
    /// In the environment or else in Parameter Store.
    ParameterStore,
}

/// What holds where a setting is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// Nothing does: the program does not start.
    Required,
    /// This value, written as the setting would be.
    Default(&'static str),
    /// What these words say.
    Means(&'static str),
}

/// What the local stack does with a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Local {
    /// It passes it from the terminal to its daemon if that reads it.
    Passes,
    /// It sets it itself, whatever the terminal says.
    Sets,
    /// It passes it on, or else this value.
    Default(&'static str),
    /// It reads it, and without it holds what these words say.
    Means(&'static str),
}

/// Everything that is said about a setting, whatever the type of its value.
#[derive(Debug)]
pub struct Declaration {
    pub(crate) name: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) form: Form,
    pub(crate) readers: &'static [Program],
    pub(crate) source: Source,
    pub(crate) absent: Absent,
    pub(crate) local: Local,
    pub(crate) solution: &'static str,
}

impl Declaration {
    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What it means, in a sentence.
    pub const fn meaning(&self) -> &'static str {
        self.meaning
    }

    /// The words of which it is one; none if it is anything else.
    pub const fn choices(&self) -> &'static [&'static str] {
        match self.form {
            Form::Choice(words) => words,
            _ => &[],
        }
    }

    /// What to do when it is wrong.
    pub const fn solution(&self) -> &'static str {
        self.solution
    }

    /// Where it may stand.
    pub const fn source(&self) -> Source {
        self.source
    }

    /// What holds without it.
    pub const fn absent(&self) -> Absent {
        self.absent
    }

    /// What the local stack does with it.
    pub const fn local(&self) -> Local {
        self.local
    }

    /// Whether `program` reads it.
    pub fn is_read_by(&self, program: Program) -> bool {
        self.readers.contains(&program)
    }

    /// What holds with the local stack where the terminal says nothing.
    pub const fn local_default(&self) -> Option<&'static str> {
        match self.local {
            Local::Default(text) => Some(text),
            Local::Passes | Local::Sets | Local::Means(_) => None,
        }
    }

    /// What the local stack passes on of the terminal's `vars`.
    pub fn from_terminal<'a>(
        &self,
        vars: &'a HashMap<String, String, impl BuildHasher>,
    ) -> Option<&'a str> {
        self.of(vars).or_else(|| self.local_default())
    }

    /// Its text in `vars`, without white space around it, if it is there and not empty.
    pub fn of<'a>(&self, vars: &'a HashMap<String, String, impl BuildHasher>) -> Option<&'a str> {
        let text = vars.get(self.name).map(|text| text.trim());
        text.filter(|text| !text.is_empty())
    }
}
