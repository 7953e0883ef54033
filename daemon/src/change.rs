//! What an agent may change and what not.

mod content;
mod path;

pub(crate) use content::contents;
pub(crate) use path::{paths, refusals, sizes};

use std::fmt;

/// The most files one change may touch.
const FILES_LIMIT: usize = 300;
/// The most bytes one changed file may have.
const FILE_LIMIT: u64 = 5 * 1024 * 1024;
/// The most lines one change may add and remove.
const LINES_LIMIT: usize = 10_000;

/// Why a change is refused; for the operator's log, never for the public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The checkout is no longer a folder.
    CheckoutGone,
    /// A file that decides what runs with the repository's secrets, or that steers git.
    Protected(String),
    /// A repository inside the repository.
    Nested(String),
    /// A link that leads out of the repository.
    Link(String),
    /// A file that is too large.
    TooLarge(String),
    /// Too many files.
    TooMany(usize),
    /// Too many lines.
    TooLong,
    /// Something that looks like a credential, by its kind.
    Secret(&'static str),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CheckoutGone => f.write_str("the checkout is gone"),
            Self::Protected(path) => write!(f, "{path:?} is protected"),
            Self::Nested(path) => write!(f, "{path:?} is a repository of its own"),
            Self::Link(path) => write!(f, "{path:?} is a link that leads outside"),
            Self::TooLarge(path) => write!(f, "{path:?} has more than {FILE_LIMIT} bytes"),
            Self::TooMany(count) => write!(f, "{count} files are more than {FILES_LIMIT}"),
            Self::TooLong => write!(f, "more than {LINES_LIMIT} lines are changed"),
            Self::Secret(kind) => write!(f, "something that looks like {kind} is added"),
        }
    }
}

/// One changed path, as git lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The kind of file it was, as git's octal mode; zeros if it was not there.
    before: String,
    /// The kind of file it is.
    after: String,
    /// Where, from the top of the repository.
    path: String,
}

impl Entry {
    /// Reads `diff-index --raw -z`: `:mode mode name name status`, then the path, each ended by a zero byte.
    pub(crate) fn parse(raw: &[u8]) -> Vec<Self> {
        let text = String::from_utf8_lossy(raw);
        let mut fields = text.split('\0');
        let mut entries = Vec::new();
        while let (Some(head), Some(path)) = (fields.next(), fields.next()) {
            let mut modes = head.trim_start_matches(':').split(' ');
            entries.push(Self {
                before: modes.next().unwrap_or_default().to_owned(),
                after: modes.next().unwrap_or_default().to_owned(),
                path: path.to_owned(),
            });
        }
        entries
    }
}
