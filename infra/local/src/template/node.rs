//! Resolved values, read with the leniency of CloudFormation: a number may be written as text and the other way round.

use jiff::SignedDuration;
use serde_json::{Map, Value};

use super::{TemplateError, parameter::scalar, place::Place};

/// The properties that a reader knows. Any other is an error, because leaving it out could change what the stack does.
#[derive(Debug)]
pub(super) struct Known {
    /// Properties that the reader reads.
    pub(super) used: &'static [&'static str],
    /// Properties that change nothing on one machine.
    pub(super) ignored: &'static [&'static str],
}

impl Known {
    /// Whether the property `name`, which stands at `place`, is read.
    pub(super) fn uses(&self, name: &str, place: &Place) -> Result<bool, TemplateError> {
        if self.used.contains(&name) {
            return Ok(true);
        }
        if self.ignored.contains(&name) {
            return Ok(false);
        }
        Err(place.unsupported(format!("the property {name}")))
    }
}

/// A resolved value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    value: Value,
    place: Place,
}

impl Node {
    pub(super) fn new(value: Value, place: Place) -> Self {
        Self { value, place }
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    pub(super) fn into_value(self) -> Value {
        self.value
    }

    pub(super) fn text(&self) -> Result<String, TemplateError> {
        scalar(&self.value).ok_or_else(|| self.place.invalid("text"))
    }

    pub(super) fn integer(&self) -> Result<i64, TemplateError> {
        self.text()?
            .parse()
            .map_err(|_| self.place.invalid("a whole number"))
    }

    pub(super) fn count(&self) -> Result<u32, TemplateError> {
        u32::try_from(self.integer()?)
            .map_err(|_| self.place.invalid("a whole number that is not negative"))
    }

    /// A count, in which -1 means that there is no limit.
    pub(super) fn limit(&self) -> Result<Option<u32>, TemplateError> {
        match self.integer()? {
            -1 => Ok(None),
            _ => self.count().map(Some),
        }
    }

    pub(super) fn seconds(&self) -> Result<SignedDuration, TemplateError> {
        Ok(SignedDuration::from_secs(self.count()?.into()))
    }

    pub(super) fn flag(&self) -> Result<bool, TemplateError> {
        self.text()?
            .parse()
            .map_err(|_| self.place.invalid("true or false"))
    }

    /// The meaning of a word, of those that `meanings` lists.
    pub(super) fn choice<T: Clone>(&self, meanings: &[(&str, T)]) -> Result<T, TemplateError> {
        let word = self.text()?;
        meanings
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, meaning)| meaning.clone())
            .ok_or_else(|| self.place.unsupported(format!("the value {word}")))
    }

    pub(super) fn items(self) -> Result<Vec<Self>, TemplateError> {
        let Value::Array(items) = self.value else {
            return Err(self.place.invalid("a list"));
        };
        Ok(items
            .into_iter()
            .enumerate()
            .map(|(index, item)| Self::new(item, self.place.index(index)))
            .collect())
    }

    /// The texts of a list, or the one text that stands in its place.
    pub(super) fn texts(self) -> Result<Vec<String>, TemplateError> {
        if self.value.is_array() {
            self.items()?.iter().map(Self::text).collect()
        } else {
            Ok(vec![self.text()?])
        }
    }

    /// The entries of a map with free keys.
    pub(super) fn entries(self) -> Result<Vec<(String, Self)>, TemplateError> {
        let Value::Object(entries) = self.value else {
            return Err(self.place.invalid("a map"));
        };
        Ok(entries
            .into_iter()
            .map(|(key, value)| {
                let place = self.place.key(&key);
                (key, Self::new(value, place))
            })
            .collect())
    }

    /// The properties of a map whose keys are known.
    pub(super) fn fields(self, known: &Known) -> Result<Fields, TemplateError> {
        let place = self.place.clone();
        let mut values = Map::new();
        for (name, node) in self.entries()? {
            if known.uses(&name, &node.place)? {
                values.insert(name, node.value);
            }
        }
        Ok(Fields::new(values, place))
    }
}

/// Resolved properties, each to be taken once.
#[derive(Debug)]
pub(super) struct Fields {
    values: Map<String, Value>,
    place: Place,
}

impl Fields {
    pub(super) fn new(values: Map<String, Value>, place: Place) -> Self {
        Self { values, place }
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    pub(super) fn optional(&mut self, name: &str) -> Option<Node> {
        let value = self.values.remove(name)?;
        Some(Node::new(value, self.place.key(name)))
    }

    pub(super) fn required(&mut self, name: &str) -> Result<Node, TemplateError> {
        self.optional(name)
            .ok_or_else(|| self.place.key(name).missing())
    }

    pub(super) fn count_or(&mut self, name: &str, default: u32) -> Result<u32, TemplateError> {
        self.optional(name).map_or(Ok(default), |node| node.count())
    }

    pub(super) fn seconds_or(
        &mut self,
        name: &str,
        default: SignedDuration,
    ) -> Result<SignedDuration, TemplateError> {
        self.optional(name)
            .map_or(Ok(default), |node| node.seconds())
    }

    /// The items of the list `name`, none if it is not there.
    pub(super) fn items(&mut self, name: &str) -> Result<Vec<Node>, TemplateError> {
        self.optional(name).map_or(Ok(Vec::new()), Node::items)
    }
}
