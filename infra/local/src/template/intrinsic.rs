//! Intrinsic functions, evaluated.

use serde_json::{Map, Value};

use super::{TemplateError, parameter::scalar, place::Place, scope::Scope, substitution};

impl Scope<'_> {
    /// The value of `raw` once every intrinsic function in it is evaluated; nothing if it is `AWS::NoValue`.
    pub(super) fn resolve(
        &self,
        raw: &Value,
        place: &Place,
    ) -> Result<Option<Value>, TemplateError> {
        match raw {
            Value::Object(entries) => match intrinsic(entries, place)? {
                Some((name, argument)) => self.evaluate(name, argument, place),
                None => self.resolve_map(entries, place).map(Some),
            },
            Value::Array(items) => self.resolve_list(items, place).map(Value::Array).map(Some),
            _ => Ok(Some(raw.clone())),
        }
    }

    fn resolve_map(
        &self,
        entries: &Map<String, Value>,
        place: &Place,
    ) -> Result<Value, TemplateError> {
        let mut resolved = Map::new();
        for (key, raw) in entries {
            if let Some(value) = self.resolve(raw, &place.key(key))? {
                resolved.insert(key.clone(), value);
            }
        }
        Ok(Value::Object(resolved))
    }

    fn resolve_list(&self, items: &[Value], place: &Place) -> Result<Vec<Value>, TemplateError> {
        items
            .iter()
            .enumerate()
            .filter_map(|(index, raw)| self.resolve(raw, &place.index(index)).transpose())
            .collect()
    }

    fn evaluate(
        &self,
        name: &str,
        argument: &Value,
        place: &Place,
    ) -> Result<Option<Value>, TemplateError> {
        let place = &place.key(name);
        match name {
            "Ref" => match argument.as_str() {
                Some("AWS::NoValue") => Ok(None),
                Some(name) => self.reference(name, place).map(Some),
                None => Err(place.invalid("the name of a parameter or resource")),
            },
            "Fn::If" => self.choose(argument, place),
            "Fn::GetAtt" => self.get_att(argument, place).map(Some),
            "Fn::Sub" => self.substitute(argument, place).map(Some),
            "Fn::Join" => self.join(argument, place).map(Some),
            "Fn::Split" => self.split(argument, place).map(Some),
            "Fn::Select" => self.select(argument, place).map(Some),
            _ => Err(place.unsupported("this intrinsic function")),
        }
    }

    fn choose(&self, argument: &Value, place: &Place) -> Result<Option<Value>, TemplateError> {
        let [condition, yes, no] = arguments(argument, place)?;
        let Some(condition) = condition.as_str() else {
            return Err(place.index(0).invalid("the name of a condition"));
        };
        if self.condition(condition, &place.index(0))? {
            self.resolve(yes, &place.index(1))
        } else {
            self.resolve(no, &place.index(2))
        }
    }

    fn get_att(&self, argument: &Value, place: &Place) -> Result<Value, TemplateError> {
        let (id, attribute) = if let Value::String(text) = argument {
            text.split_once('.')
                .ok_or_else(|| place.invalid("a resource, a dot and an attribute"))?
        } else {
            let [id, attribute] = arguments(argument, place)?;
            id.as_str()
                .zip(attribute.as_str())
                .ok_or_else(|| place.invalid("a resource and an attribute"))?
        };
        self.attribute(id, attribute, place).map(Value::String)
    }

    fn substitute(&self, argument: &Value, place: &Place) -> Result<Value, TemplateError> {
        if let Value::String(pattern) = argument {
            return self.fill(pattern, &Map::new(), place);
        }
        let [pattern, variables] = arguments(argument, place)?;
        let Some(pattern) = pattern.as_str() else {
            return Err(place.index(0).invalid("text"));
        };
        match self.resolve(variables, &place.index(1))? {
            Some(Value::Object(variables)) => self.fill(pattern, &variables, place),
            _ => Err(place.index(1).invalid("a map of variables")),
        }
    }

    fn fill(
        &self,
        pattern: &str,
        variables: &Map<String, Value>,
        place: &Place,
    ) -> Result<Value, TemplateError> {
        let text = substitution::fill(pattern, place, |name| {
            let value = match (variables.get(name), name.split_once('.')) {
                (Some(value), _) => value.clone(),
                (None, Some((id, attribute))) => {
                    Value::String(self.attribute(id, attribute, place)?)
                }
                (None, None) => self.reference(name, place)?,
            };
            scalar(&value).ok_or_else(|| place.invalid("variables that are text"))
        })?;
        Ok(Value::String(text))
    }

    fn join(&self, argument: &Value, place: &Place) -> Result<Value, TemplateError> {
        let [separator, items] = arguments(argument, place)?;
        let separator = separator
            .as_str()
            .ok_or_else(|| place.index(0).invalid("a separator"))?;
        let texts = self.list_of_texts(items, &place.index(1))?;
        Ok(Value::String(texts.join(separator)))
    }

    fn split(&self, argument: &Value, place: &Place) -> Result<Value, TemplateError> {
        let [separator, text] = arguments(argument, place)?;
        let separator = separator
            .as_str()
            .filter(|separator| !separator.is_empty())
            .ok_or_else(|| place.index(0).invalid("a separator"))?;
        let place = place.index(1);
        let text = self.resolve(text, &place)?.as_ref().and_then(scalar);
        let text = text.ok_or_else(|| place.invalid("text"))?;
        Ok(text.split(separator).collect())
    }

    fn select(&self, argument: &Value, place: &Place) -> Result<Value, TemplateError> {
        let [index, items] = arguments(argument, place)?;
        let index = self.resolve(index, &place.index(0))?;
        let index: usize = index
            .as_ref()
            .and_then(scalar)
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| place.index(0).invalid("a position, counted from zero"))?;
        let place = place.index(1);
        match self.resolve(items, &place)? {
            Some(Value::Array(items)) => items
                .get(index)
                .cloned()
                .ok_or_else(|| place.invalid("a list that is long enough")),
            _ => Err(place.invalid("a list")),
        }
    }

    fn list_of_texts(&self, raw: &Value, place: &Place) -> Result<Vec<String>, TemplateError> {
        let Some(Value::Array(items)) = self.resolve(raw, place)? else {
            return Err(place.invalid("a list"));
        };
        items
            .iter()
            .map(|item| scalar(item).ok_or_else(|| place.invalid("a list of texts")))
            .collect()
    }
}

/// The one intrinsic function that `entries` consists of, if it is one.
fn intrinsic<'a>(
    entries: &'a Map<String, Value>,
    place: &Place,
) -> Result<Option<(&'a str, &'a Value)>, TemplateError> {
    let alone = entries.len() == 1;
    for (key, argument) in entries {
        let function = key.starts_with("Fn::");
        if function && !alone {
            return Err(place.invalid("an intrinsic function to stand alone in its map"));
        }
        if function || (key == "Ref" && alone) {
            return Ok(Some((key, argument)));
        }
    }
    Ok(None)
}

/// The `N` arguments of a function.
pub(super) fn arguments<'a, const N: usize>(
    argument: &'a Value,
    place: &Place,
) -> Result<&'a [Value; N], TemplateError> {
    argument
        .as_array()
        .and_then(|items| items.as_slice().try_into().ok())
        .ok_or_else(|| place.invalid("a list with one item for each argument of the function"))
}
