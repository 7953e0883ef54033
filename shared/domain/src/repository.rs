//! Repositories, the people in them, and what those people may do.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{RepositoryId, text::bounded_text};

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    )*};
}

numbers! {
    /// The number of an issue or pull request within its repository.
    ItemNumber;
    /// A provider's number for a comment on lines of a pull request.
    ReviewCommentId;
}

bounded_text! {
    /// A commit's name: 40 or, in a repository of the newer kind, 64 lower-case hexadecimal digits.
    CommitSha, "a commit's name", |text| [40, 64].contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    /// An account's login, bots' `name[bot]` included: 1 to 100 characters of letters, digits, `-`, `_`, `.`, `[`, `]`.
    Login, "an account's login", |text| (1..=100).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.[]".contains(&b));
    /// A repository's name without its owner: 1 to 100 characters of letters, digits, `-`, `_`, `.`; not `.` or `..`.
    RepoName, "a repository's name", |text| (1..=100).contains(&text.len())
        && text != "." && text != ".."
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
}

impl CommitSha {
    /// How many digits people are shown.
    const SHOWN: usize = 7;

    /// The beginning of the name, which is what people call a commit by.
    pub fn short(&self) -> &str {
        &self.0[..Self::SHOWN]
    }
}

impl Login {
    /// Whether both logins name one account; providers compare them without regard to case.
    pub fn same_account(&self, other: &Self) -> bool {
        self.as_str().eq_ignore_ascii_case(other.as_str())
    }
}

/// A repository as its host knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repository {
    /// What stays when the repository is renamed.
    pub id: RepositoryId,
    /// The account that owns it.
    pub owner: Login,
    /// Its name.
    pub name: RepoName,
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

/// What a person may do in a repository, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// Nothing beyond what everybody may.
    None,
    /// Read.
    Read,
    /// Manage issues without writing code.
    Triage,
    /// Push.
    Write,
    /// Manage the repository without the sensitive settings.
    Maintain,
    /// Everything.
    Admin,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_leave_their_folder_are_refused() {
        for bad in ["", ".", "..", "a/b", "a b", "a\n", &"x".repeat(101)] {
            assert!(bad.parse::<RepoName>().is_err(), "{bad:?}");
        }
        assert!("widgets.rs".parse::<RepoName>().is_ok());
        assert!("switchyard[bot]".parse::<Login>().is_ok());
    }

    #[test]
    fn permissions_are_ordered() {
        assert!(Permission::Admin > Permission::Write);
        assert!(Permission::Triage < Permission::Write);
    }
}
