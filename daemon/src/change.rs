//! What an agent may change and what not.

mod content;
mod link;
mod name;
mod path;

pub(crate) use content::contents;
pub(crate) use link::Links;
pub(crate) use name::Name;
pub(crate) use path::{Status, refusal};

use std::fmt;

use domain::{Failure, FailureKind};

/// The most files one change may touch.
pub(crate) const FILES_LIMIT: usize = 300;
/// The most bytes one changed file may have.
const FILE_LIMIT: u64 = 5 * 1024 * 1024;
/// The most lines one change may add and remove.
const LINES_LIMIT: usize = 10_000;

/// Why a change, or one file of it, is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The checkout is no longer a folder.
    CheckoutGone,
    /// A file that decides what runs with the repository's secrets, or that steers git.
    Protected(Name),
    /// A repository inside the repository.
    Nested(Name),
    /// A link that leads out of the repository.
    Link(Name),
    /// A file that is too large.
    TooLarge(Name),
    /// A file that is kept in Git LFS.
    Stored(Name),
    /// A file that cannot be read.
    Unreadable(Name),
    /// Too many files.
    TooMany(usize),
    /// Too many lines.
    TooLong,
    /// Something that looks like a credential, by its kind, and where.
    Secret(&'static str, Name),
}

impl Refusal {
    /// The file that can be left out so that the rest may be kept; none if all of the change is refused.
    pub(crate) fn path(&self) -> Option<&Name> {
        match self {
            Self::Protected(path)
            | Self::Nested(path)
            | Self::Link(path)
            | Self::TooLarge(path)
            | Self::Stored(path)
            | Self::Unreadable(path) => Some(path),
            Self::CheckoutGone | Self::TooMany(_) | Self::TooLong | Self::Secret(..) => None,
        }
    }

    /// The failure that these refusals are: of the first one's kind, with the names of all of that kind. None without any.
    pub(crate) fn failure(refusals: &[Self]) -> Option<Failure> {
        let kind = refusals.first()?.kind();
        let same = refusals.iter().filter(|refusal| refusal.kind() == kind);
        Some(Failure::from(kind).about(same.filter_map(Self::about)))
    }

    fn kind(&self) -> FailureKind {
        match self {
            Self::CheckoutGone | Self::Unreadable(_) => FailureKind::ChangeRefused,
            Self::Protected(_) => FailureKind::ProtectedFiles,
            Self::Nested(_) => FailureKind::NestedRepository,
            Self::Link(_) => FailureKind::LinksOutside,
            Self::TooLarge(_) => FailureKind::FilesTooLarge,
            Self::Stored(_) => FailureKind::LargeFileStorage,
            Self::TooMany(_) | Self::TooLong => FailureKind::ChangeTooLarge,
            Self::Secret(..) => FailureKind::CredentialsFound,
        }
    }

    fn about(&self) -> Option<String> {
        match self {
            Self::CheckoutGone => None,
            Self::TooLarge(path) => Some(format!("{path} (at most 5 MiB)")),
            Self::TooMany(count) => Some(format!("{count} files (at most {FILES_LIMIT})")),
            Self::TooLong => Some(format!("at most {LINES_LIMIT} lines")),
            Self::Secret(kind, path) => Some(format!("{path} ({kind})")),
            other => other.path().map(Name::to_string),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CheckoutGone => f.write_str("the checkout is gone"),
            Self::Protected(path) => write!(f, "{path} is protected"),
            Self::Nested(path) => write!(f, "{path} is a repository of its own"),
            Self::Link(path) => write!(f, "{path} is a link that leads outside"),
            Self::TooLarge(path) => write!(f, "{path} has more than {FILE_LIMIT} bytes"),
            Self::Stored(path) => write!(f, "{path} is kept in Git LFS"),
            Self::Unreadable(path) => write!(f, "{path} cannot be read"),
            Self::TooMany(count) => write!(f, "{count} files are more than {FILES_LIMIT}"),
            Self::TooLong => write!(f, "more than {LINES_LIMIT} lines are changed"),
            Self::Secret(kind, path) => write!(f, "{path} holds what looks like {kind}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_files_and_the_limit() {
        let refusals = [
            Refusal::TooLarge("a.bin".into()),
            Refusal::Link("b".into()),
            Refusal::TooLarge("c.bin".into()),
        ];
        let failure = Refusal::failure(&refusals).unwrap();
        assert_eq!(failure.kind(), FailureKind::FilesTooLarge);
        assert_eq!(
            failure.names(),
            ["a.bin (at most 5 MiB)", "c.bin (at most 5 MiB)"]
        );
        assert_eq!(Refusal::failure(&[]), None);
    }
}
