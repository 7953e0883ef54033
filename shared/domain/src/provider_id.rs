//! Ids that providers give, as short texts: numbers at one provider, letters at another.

use std::fmt;

use crate::TextError;

/// The most bytes of a provider's id.
const LONGEST: usize = 63;

/// A text that is short enough to be copied like a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ShortText {
    bytes: [u8; LONGEST],
    length: u8,
}

impl ShortText {
    /// The text, if it is 1 to 63 letters, digits or `-`, `_`, `.`, `:`, `=`. So it is whole in a key, in an address and
    /// in a line that pages hide.
    pub(crate) fn parse(text: &str, what: &'static str) -> Result<Self, TextError> {
        let fits = (1..=LONGEST).contains(&text.len());
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:=".contains(&byte);
        if fits && text.bytes().all(plain) {
            Ok(Self::fill(text))
        } else {
            Err(TextError { what })
        }
    }

    /// The digits of a number, of which no one is longer than a text may be.
    pub(crate) fn of_number(number: u64) -> Self {
        Self::fill(&number.to_string())
    }

    fn fill(text: &str) -> Self {
        let mut bytes = [0; LONGEST];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        let length = u8::try_from(text.len()).unwrap_or_default();
        Self { bytes, length }
    }

    pub(crate) fn as_str(&self) -> &str {
        // Every byte is ASCII.
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }

    /// The number that it is, if it is written as numbers are.
    pub(crate) fn number(&self) -> Option<u64> {
        let number: u64 = self.as_str().parse().ok()?;
        (Self::of_number(number) == *self).then_some(number)
    }
}

impl fmt::Debug for ShortText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! provider_ids {
    ($($(#[$doc:meta])* $name:ident, $what:literal;)*) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(ShortText);

        impl $name {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// The number that it is, at providers whose ids are numbers.
            pub fn number(&self) -> Option<u64> {
                self.0.number()
            }
        }

        impl From<u64> for $name {
            fn from(number: u64) -> Self {
                Self(ShortText::of_number(number))
            }
        }

        impl std::str::FromStr for $name {
            type Err = TextError;
            fn from_str(text: &str) -> Result<Self, TextError> {
                ShortText::parse(text, $what).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;
            fn try_from(text: String) -> Result<Self, TextError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.as_str().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}

provider_ids! {
    /// A provider's id of an account, which outlives renames.
    AccountId, "an account's id";
    /// A provider's id of what subjects are in: a repository, a channel, a project.
    ContainerId, "the id of a container";
    /// A provider's id of what a connection is tied to: an installation, a workspace, a site.
    InstallationId, "an installation's id";
    /// A provider's id of a subject within its container: an issue's number, a thread's time.
    ItemId, "an item's id";
    /// A provider's id of something that was said: a comment, a message.
    MessageId, "a message's id";
    /// A code host's id of a repository, which outlives renames.
    RepositoryId, "a repository's id";
}

impl From<RepositoryId> for ContainerId {
    fn from(repository: RepositoryId) -> Self {
        Self(repository.0)
    }
}

impl From<ContainerId> for RepositoryId {
    fn from(container: ContainerId) -> Self {
        Self(container.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_id_survives_its_text_form(text in "[A-Za-z0-9._:=-]{1,63}") {
            let id: MessageId = text.parse().unwrap();
            prop_assert_eq!(id.as_str(), &text);
            let json = serde_json::to_string(&id).unwrap();
            prop_assert_eq!(serde_json::from_str::<MessageId>(&json).unwrap(), id);
        }

        #[test]
        fn a_number_survives_its_text_form(number: u64) {
            let id = ItemId::from(number);
            prop_assert_eq!(id.number(), Some(number));
            prop_assert_eq!(number.to_string().parse(), Ok(id));
        }

        #[test]
        fn what_would_break_a_key_is_no_id(before in "[a-z]{0,9}", sign in "[^A-Za-z0-9._:=-]", after in "[a-z]{0,9}") {
            let text = format!("{before}{sign}{after}");
            prop_assert!(text.parse::<MessageId>().is_err(), "{}", text);
        }
    }

    #[test]
    fn numbers_have_one_way_to_be_written() {
        for none in ["007", "+7", "1700000000.1", "C024BE91L"] {
            let id = none.parse::<ItemId>();
            assert_eq!(id.ok().and_then(|id| id.number()), None, "{none}");
        }
        assert!("".parse::<ItemId>().is_err());
        assert!("x".repeat(64).parse::<ItemId>().is_err());
    }
}
