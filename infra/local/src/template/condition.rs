//! Conditions, evaluated.

use serde_json::Value;

use super::{TemplateError, intrinsic::arguments, parameter::scalar, place::Place, scope::Scope};

impl Scope<'_> {
    /// Whether the condition called `name` holds.
    pub(super) fn condition(&self, name: &str, place: &Place) -> Result<bool, TemplateError> {
        let raw = self
            .conditions
            .get(name)
            .ok_or_else(|| place.unresolved(format!("condition {name}")))?;
        let place = place.follow(Place::section("Conditions").key(name))?;
        self.holds(raw, &place)
    }

    fn holds(&self, raw: &Value, place: &Place) -> Result<bool, TemplateError> {
        let single = raw.as_object().filter(|entries| entries.len() == 1);
        let Some((name, argument)) = single.and_then(|entries| entries.iter().next()) else {
            return Err(place.invalid("one condition function"));
        };
        let place = &place.key(name);
        match name.as_str() {
            "Condition" => match argument.as_str() {
                Some(name) => self.condition(name, place),
                None => Err(place.invalid("the name of a condition")),
            },
            "Fn::Not" => {
                let [inner] = arguments(argument, place)?;
                Ok(!self.holds(inner, &place.index(0))?)
            }
            "Fn::And" => self.all_hold(argument, place),
            "Fn::Or" => self.any_holds(argument, place),
            "Fn::Equals" => {
                let [left, right] = arguments(argument, place)?;
                let left = self.operand(left, &place.index(0))?;
                Ok(left == self.operand(right, &place.index(1))?)
            }
            _ => Err(place.unsupported("this condition function")),
        }
    }

    fn all_hold(&self, argument: &Value, place: &Place) -> Result<bool, TemplateError> {
        for (index, inner) in several(argument, place)?.iter().enumerate() {
            if !self.holds(inner, &place.index(index))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn any_holds(&self, argument: &Value, place: &Place) -> Result<bool, TemplateError> {
        for (index, inner) in several(argument, place)?.iter().enumerate() {
            if self.holds(inner, &place.index(index))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// CloudFormation compares texts, so that the number 1 equals the text `1`.
    fn operand(&self, raw: &Value, place: &Place) -> Result<String, TemplateError> {
        self.resolve(raw, place)?
            .as_ref()
            .and_then(scalar)
            .ok_or_else(|| place.invalid("text to compare"))
    }
}

fn several<'a>(argument: &'a Value, place: &Place) -> Result<&'a [Value], TemplateError> {
    argument
        .as_array()
        .filter(|conditions| conditions.len() >= 2)
        .map(Vec::as_slice)
        .ok_or_else(|| place.invalid("two conditions or more"))
}
