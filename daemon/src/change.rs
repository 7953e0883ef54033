//! What an agent may change and what not.

mod bare;
mod content;
mod link;
mod name;
mod path;

pub(crate) use bare::bare;
pub(crate) use content::{contents, names};
pub(crate) use link::Links;
pub(crate) use name::Name;
pub(crate) use path::{Status, refusal};

use std::fmt;

use domain::{Failure, FailureKind};

/// The most files one change may touch that is proposed.
pub(crate) const FILES_LIMIT: usize = 300;
/// The most files one change may touch that is kept at all.
pub(crate) const KEPT_LIMIT: usize = 3_000;
/// The most bytes one changed file may have.
const FILE_LIMIT: u64 = 5 * 1024 * 1024;
/// The most lines one change may add and remove.
const LINES_LIMIT: usize = 10_000;

/// Who says how much one file may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FileLimit {
    /// The daemon.
    Own,
    /// The provider, in these words.
    Provider(String),
}

impl fmt::Display for FileLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own => f.write_str("5 MiB"),
            Self::Provider(words) => f.write_str(words),
        }
    }
}

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
    TooLarge(Name, FileLimit),
    /// A file that is kept in Git LFS.
    Stored(Name),
    /// A file that a program keeps in another form in git, such as encrypted.
    Filtered(Name),
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
            | Self::TooLarge(path, _)
            | Self::Stored(path)
            | Self::Filtered(path)
            | Self::Unreadable(path)
            | Self::Secret(_, path) => Some(path),
            Self::CheckoutGone | Self::TooMany(_) | Self::TooLong => None,
        }
    }

    /// The failure that these refusals are: of the first one's kind, with the names of all of that kind. None without any.
    pub(crate) fn failure(refusals: &[Self]) -> Option<Failure> {
        let kind = refusals.first()?.kind();
        let same = refusals.iter().filter(|refusal| refusal.kind() == kind);
        Some(Failure::from(kind).about(same.filter_map(Self::about)))
    }

    /// The kind of failure that it is.
    pub(crate) fn kind(&self) -> FailureKind {
        match self {
            Self::CheckoutGone | Self::Unreadable(_) => FailureKind::ChangeRefused,
            Self::Protected(_) => FailureKind::ProtectedFiles,
            Self::Nested(_) => FailureKind::NestedRepository,
            Self::Link(_) => FailureKind::LinksOutside,
            Self::TooLarge(..) => FailureKind::FilesTooLarge,
            Self::Stored(_) => FailureKind::LargeFileStorage,
            Self::Filtered(_) => FailureKind::FilteredFiles,
            Self::TooMany(_) | Self::TooLong => FailureKind::ChangeTooLarge,
            Self::Secret(..) => FailureKind::CredentialsFound,
        }
    }

    /// What it is about, with the limit or the kind where there is one.
    pub(crate) fn about(&self) -> Option<String> {
        match self {
            Self::CheckoutGone => None,
            Self::TooLarge(path, limit) => Some(format!("{path} (at most {limit})")),
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
            Self::TooLarge(path, limit) => write!(f, "{path} is larger than {limit}"),
            Self::Stored(path) => write!(f, "{path} is kept in Git LFS"),
            Self::Filtered(path) => write!(f, "{path} goes through a filter"),
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
            Refusal::TooLarge("a.bin".into(), FileLimit::Own),
            Refusal::Link("b".into()),
            Refusal::TooLarge("c.bin".into(), FileLimit::Provider("100 MB".to_owned())),
        ];
        let failure = Refusal::failure(&refusals).unwrap();
        assert_eq!(failure.kind(), FailureKind::FilesTooLarge);
        assert_eq!(
            failure.names(),
            ["a.bin (at most 5 MiB)", "c.bin (at most 100 MB)"]
        );
        assert_eq!(Refusal::failure(&[]), None);
    }
}
