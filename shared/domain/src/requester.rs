//! Who asks.

use std::fmt;

use crate::{AccountId, Login, text::bounded_text};

bounded_text! {
    /// What people at a provider call an account: 1 to 100 letters, digits or `-`, `_`, `.`, `[`, `]`, `@`, `+`. It may
    /// change, and is nothing to find anybody by.
    Handle, "an account's handle", |text| (1..=100).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.[]@+".contains(&b));
}

impl Handle {
    /// Whether the account of that login has this handle; case does not matter.
    pub fn is(&self, login: &Login) -> bool {
        self.as_str().eq_ignore_ascii_case(login.as_str())
    }
}

impl From<Login> for Handle {
    fn from(login: Login) -> Self {
        Self(login.into())
    }
}

/// An account at a provider, in whose name something is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Requester {
    account: AccountId,
    handle: Handle,
}

impl Requester {
    /// The account of that id, which people call by `handle`.
    pub const fn new(account: AccountId, handle: Handle) -> Self {
        Self { account, handle }
    }

    /// The account, whatever it is called.
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// What people call it.
    pub const fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl fmt::Display for Requester {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.handle, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_login_is_a_handle(login in "[A-Za-z0-9._\\[\\]-]{1,100}") {
            let login: Login = login.parse().unwrap();
            let handle = Handle::from(login.clone());
            prop_assert_eq!(handle.as_str().parse(), Ok(handle.clone()));
            prop_assert!(handle.is(&login));
        }
    }

    #[test]
    fn a_handle_is_one_word_that_no_text_hides_in() {
        for bad in ["", "Ada Lovelace", "a\nb", "<b>", "`x`", "a#b"] {
            assert!(bad.parse::<Handle>().is_err(), "{bad}");
        }
        assert!("ada@example.org".parse::<Handle>().is_ok());
    }
}
