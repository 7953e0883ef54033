//! The text of `Fn::Sub`.

use super::{TemplateError, place::Place};

/// `pattern` with each `${Name}` replaced by what `value_of` finds for the name. `${!Name}` stands for `${Name}` as it is.
pub(super) fn fill(
    pattern: &str,
    place: &Place,
    mut value_of: impl FnMut(&str) -> Result<String, TemplateError>,
) -> Result<String, TemplateError> {
    let mut filled = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after
            .split_once('}')
            .ok_or_else(|| place.invalid("a closing brace after each ${"))?;
        filled.push_str(before);
        match name.strip_prefix('!') {
            Some(literal) => {
                filled.push_str("${");
                filled.push_str(literal);
                filled.push('}');
            }
            None => filled.push_str(&value_of(name)?),
        }
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill_with_length(pattern: &str) -> Result<String, TemplateError> {
        fill(pattern, &Place::section("here"), |name| {
            Ok(name.len().to_string())
        })
    }

    #[test]
    fn variables_are_replaced_and_the_rest_stays() {
        let filled = fill_with_length("a/${one}${A.Arn}-{job_id} $context ${!kept}").unwrap();
        assert_eq!(filled, "a/35-{job_id} $context ${kept}");
    }

    #[test]
    fn an_open_brace_is_an_error() {
        assert_eq!(
            fill_with_length("a ${b").unwrap_err().to_string(),
            "here: expected a closing brace after each ${",
        );
    }
}
