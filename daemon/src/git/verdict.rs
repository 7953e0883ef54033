//! What git's complaints mean. This is the only place that reads them; they are never shown to anybody but the operator.

use super::complaint::{Complaint, Large};

/// What to do about a call that git ended with an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The provider or the way to it stumbled: the same call may succeed in a moment.
    Passing,
    /// The provider does not know the token or the repository. For some seconds after a token was minted that means
    /// "not yet".
    NotYet,
    /// The repository is archived.
    Archived,
    /// A branch of another name is in the way of this one: one is a folder of the other.
    InTheWay,
    /// The branch is not where it was when it was looked at.
    Moved,
    /// The commit or reference that was asked for is not there.
    Unknown,
    /// Files that the token may not push, such as workflows.
    Forbidden(Vec<String>),
    /// Files that are larger than the provider takes.
    TooLarge {
        /// Which.
        files: Vec<String>,
        /// The most that a file may have, as people are told.
        limit: String,
    },
    /// Files in which the provider found credentials.
    Credentials(Vec<String>),
    /// The change names files of Git LFS whose content is not there.
    NotStored,
    /// The repository's rules refuse the branch. Another name may be free of them.
    Rules,
    /// The repository takes no such push, whatever the branch is called.
    Declined,
    /// The disk is full, or this machine does not let git write.
    NoRoom,
    /// Anything else.
    Other,
}

/// The provider may be at fault for a moment.
const PASSING: [&str; 12] = [
    "returned error: 5",
    "returned error: 429",
    "Internal Server Error",
    "remote unpack failed: index-pack failed",
    "resolve host",
    "connect to",
    "Connection",
    "timed out",
    "RPC failed",
    "early EOF",
    "hung up",
    "Empty reply",
];
const PASSING_THERE: [&str; 1] = ["Internal Server Error"];
const NOT_YET: [&str; 7] = [
    "returned error: 401",
    "returned error: 403",
    "returned error: 404",
    "Authentication failed",
    "could not read Username",
    "could not read Password",
    "not found",
];
const ARCHIVED: [&str; 1] = ["This repository was archived"];
const UNKNOWN: [&str; 3] = [
    "couldn't find remote ref",
    "not our ref",
    "unadvertised object",
];
const IN_THE_WAY: [&str; 4] = [
    "cannot lock ref",
    "directory file conflict",
    "refname conflict",
    "; cannot create",
];
const IN_THE_WAY_THERE: [&str; 1] = ["error: cannot lock ref"];
const MOVED: [&str; 4] = [
    "stale info",
    "fetch first",
    "non-fast-forward",
    "but expected",
];
const RULES: [&str; 3] = [
    "protected branch",
    "push declined due to repository rule",
    "protected ref",
];
const RULES_THERE: [&str; 2] = ["error: GH006", "error: GH013"];
const CREDENTIALS_THERE: [&str; 1] = ["- Push cannot contain secrets"];
const NOT_STORED_THERE: [&str; 1] = ["error: GH008"];
const DECLINED: [&str; 1] = ["hook declined"];
/// The most that a file may have where the provider does not say it.
const USUAL_LIMIT: &str = "100 MB";
const NO_ROOM: [&str; 3] = [
    "No space left on device",
    "Disk quota exceeded",
    "Read-only file system",
];

impl Verdict {
    /// Reads what a call wrote that spoke to the provider: to standard error, and to standard output in its porcelain
    /// form.
    pub(crate) fn of(complaint: &str) -> Self {
        let complaint = Complaint::read(complaint);
        if complaint.told(&ARCHIVED) || complaint.says(&ARCHIVED) {
            return Self::Archived;
        }
        // What the other side wrote about its own disk is its own matter.
        if complaint.gives(&NO_ROOM) {
            return Self::NoRoom;
        }
        if let Some(refused) = Self::refused(&complaint) {
            return refused;
        }
        let none: &[&str] = &[];
        for (here, there, verdict) in [
            (&UNKNOWN[..], none, Self::Unknown),
            (&IN_THE_WAY, &IN_THE_WAY_THERE, Self::InTheWay),
            (&MOVED, none, Self::Moved),
            (&RULES, &RULES_THERE, Self::Rules),
            (&DECLINED, none, Self::Declined),
            (&NOT_YET, none, Self::NotYet),
            (&PASSING, &PASSING_THERE, Self::Passing),
        ] {
            if complaint.says(here) || complaint.told(there) {
                return verdict;
            }
        }
        Self::Other
    }

    /// Reads what a call wrote that spoke to nobody: names of files may be anywhere in it, so it says hardly anything,
    /// and even that is to be believed only if the disk agrees.
    pub(crate) fn alone(complaint: &str) -> Self {
        if Complaint::read(complaint).gives(&NO_ROOM) {
            Self::NoRoom
        } else {
            Self::Other
        }
    }

    /// What is refused for the content of a change.
    fn refused(complaint: &Complaint<'_>) -> Option<Self> {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        if !complaint.forbidden.is_empty() {
            return Some(Self::Forbidden(owned(&complaint.forbidden)));
        }
        if let Some(first) = complaint.large.first() {
            return Some(Self::TooLarge {
                files: owned(&files(&complaint.large)),
                limit: limit(first.limit),
            });
        }
        if complaint.told(&CREDENTIALS_THERE) {
            let mut places = complaint.places.clone();
            places.sort_unstable();
            places.dedup();
            return Some(Self::Credentials(owned(&places)));
        }
        complaint.told(&NOT_STORED_THERE).then_some(Self::NotStored)
    }
}

fn files<'a>(large: &[Large<'a>]) -> Vec<&'a str> {
    large.iter().map(|large| large.file).collect()
}

// The number comes from outside, so nothing but digits and a point is taken of it.
fn limit(told: &str) -> String {
    let number = told.split(" MB").next().unwrap_or_default();
    let number = number.strip_suffix(".00").unwrap_or(number);
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if is_number {
        format!("{number} MB")
    } else {
        USUAL_LIMIT.to_owned()
    }
}

#[cfg(test)]
mod tests;
