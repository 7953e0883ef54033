//! Texts with a shape, so that no bare string crosses a function boundary.

/// A text does not have the shape its type asks for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not {what}")]
pub struct TextError {
    /// What the text should have been, with its article.
    pub what: &'static str,
}

/// Defines string newtypes that only exist when their check holds.
macro_rules! bounded_text {
    ($($(#[$doc:meta])* $name:ident, $what:literal, |$text:ident| $check:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::TextError;
            fn try_from($text: String) -> Result<Self, $crate::TextError> {
                if $check { Ok(Self($text)) } else { Err($crate::TextError { what: $what }) }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::TextError;
            fn from_str(text: &str) -> Result<Self, $crate::TextError> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    )*};
}
pub(crate) use bounded_text;

/// The longest prefix of `text` that has at most `limit` bytes and ends between two characters.
pub fn clip(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let end = (0..=limit)
        .rev()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or(0);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::clip;

    #[test]
    fn clips_between_characters() {
        assert_eq!(clip("naïve", 3), "na");
        assert_eq!(clip("naïve", 4), "naï");
        assert_eq!(clip("abc", 10), "abc");
        assert_eq!(clip("€", 1), "");
    }
}
