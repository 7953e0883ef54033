//! How large and how deep a value may be, seen before anything walks through it.

use serde_json::Value;

/// How large and how deep a value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The most bytes of its JSON text.
    pub bytes: usize,
    /// The most arrays and objects around one of its parts.
    pub depth: usize,
}

impl Bounds {
    /// What a run may be given, and what a node may hand on.
    pub const VALUE: Self = Self {
        bytes: 1024 * 1024,
        depth: 64,
    };
    /// What a definition may be.
    pub const DEFINITION: Self = Self {
        bytes: 256 * 1024,
        depth: 64,
    };
}

/// Why a value is not looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutOfBounds {
    /// It is larger than that many bytes.
    #[error("it is larger than {0} bytes")]
    TooLarge(usize),
    /// It has more arrays and objects in one another.
    #[error("it is nested more than {0} deep")]
    TooDeep(usize),
    /// It is no JSON at all.
    #[error("it is no JSON: {0}")]
    Malformed(String),
}

/// Reads JSON that is within `bounds`. Size and depth are seen before it is parsed.
pub fn parse(text: &[u8], bounds: Bounds) -> Result<Value, OutOfBounds> {
    check_size(text.len(), bounds)?;
    check_nesting(text, bounds)?;
    let parsed = serde_json::from_slice(text);
    parsed.map_err(|error| OutOfBounds::Malformed(error.to_string()))
}

/// Whether a text of JSON is nested within `bounds`, without parsing it. It needs no memory, however deep it is.
pub fn check_nesting(text: &[u8], bounds: Bounds) -> Result<(), OutOfBounds> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > bounds.depth {
            return Err(OutOfBounds::TooDeep(bounds.depth));
        }
    }
    Ok(())
}

/// Whether a value is within `bounds`. It goes through the value without recursion and no further than the bounds.
pub fn check_value(value: &Value, bounds: Bounds) -> Result<usize, OutOfBounds> {
    let mut bytes = 0;
    let mut next = vec![(value, 0)];
    while let Some((value, depth)) = next.pop() {
        bytes += match value {
            Value::Null | Value::Bool(_) => 5,
            Value::Number(number) => number.to_string().len(),
            Value::String(text) => text.len() + 2,
            Value::Array(items) => items.len() + 2,
            Value::Object(fields) => fields.keys().map(|key| key.len() + 4).sum::<usize>() + 2,
        };
        check_size(bytes, bounds)?;
        let inside = match value {
            Value::Array(items) if !items.is_empty() => depth + 1,
            Value::Object(fields) if !fields.is_empty() => depth + 1,
            _ => depth,
        };
        if inside > bounds.depth {
            return Err(OutOfBounds::TooDeep(bounds.depth));
        }
        match value {
            Value::Array(items) => next.extend(items.iter().map(|item| (item, inside))),
            Value::Object(fields) => next.extend(fields.values().map(|field| (field, inside))),
            _ => {}
        }
    }
    Ok(bytes)
}

const fn check_size(bytes: usize, bounds: Bounds) -> Result<(), OutOfBounds> {
    if bytes > bounds.bytes {
        return Err(OutOfBounds::TooLarge(bounds.bytes));
    }
    Ok(())
}
