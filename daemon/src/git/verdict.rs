//! What git's complaints mean. This is the only place that reads them; they are never shown to anybody but the operator.

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
const NOT_YET: [&str; 7] = [
    "returned error: 401",
    "returned error: 403",
    "returned error: 404",
    "Authentication failed",
    "could not read Username",
    "could not read Password",
    "not found",
];
const UNKNOWN: [&str; 4] = [
    "couldn't find remote ref",
    "not our ref",
    "unadvertised object",
    "remote error: upload-pack: not our ref",
];
const IN_THE_WAY: [&str; 4] = [
    "cannot lock ref",
    "directory file conflict",
    "refname conflict",
    "; cannot create",
];
const MOVED: [&str; 4] = [
    "stale info",
    "fetch first",
    "non-fast-forward",
    "but expected",
];
const RULES: [&str; 5] = [
    "GH006",
    "GH013",
    "protected branch",
    "push declined due to repository rule",
    "protected ref",
];
const DECLINED: [&str; 1] = ["hook declined"];
/// The most that a file may have where the provider does not say it.
const USUAL_LIMIT: &str = "100 MB";
const NO_ROOM: [&str; 3] = [
    "No space left on device",
    "Disk quota exceeded",
    "Read-only file system",
];

impl Verdict {
    /// Reads what git wrote to standard error, and to standard output in its porcelain form.
    pub(crate) fn of(complaint: &str) -> Self {
        let says = |words: &[&str]| words.iter().any(|words| complaint.contains(words));
        if says(&["archived so it is read-only", "repository was archived"]) {
            return Self::Archived;
        }
        // What the other side wrote about its own disk is its own matter.
        let own = complaint
            .lines()
            .filter(|line| !line.starts_with("remote:"));
        if own
            .into_iter()
            .any(|line| NO_ROOM.iter().any(|words| line.contains(words)))
        {
            return Self::NoRoom;
        }
        if says(&["without `workflow", "refusing to allow"]) {
            return Self::Forbidden(between(complaint, "workflow `", "`"));
        }
        // GH001 alone is also a warning about files that are taken.
        if says(&["exceeds GitHub's file size limit"]) {
            return Self::TooLarge {
                files: large(complaint),
                limit: limit(complaint),
            };
        }
        if says(&["cannot contain secrets", "contain secrets"]) {
            return Self::Credentials(places(complaint));
        }
        if says(&["GH008"]) {
            return Self::NotStored;
        }
        for (words, verdict) in [
            (&UNKNOWN[..], Self::Unknown),
            (&IN_THE_WAY, Self::InTheWay),
            (&MOVED, Self::Moved),
            (&RULES, Self::Rules),
            (&DECLINED, Self::Declined),
            (&NOT_YET, Self::NotYet),
            (&PASSING, Self::Passing),
        ] {
            if says(words) {
                return verdict;
            }
        }
        Self::Other
    }
}

// `remote: error: File assets/big.bin is 123.00 MB; this exceeds GitHub's file size limit of 100.00 MB`
fn large(complaint: &str) -> Vec<String> {
    let lines = complaint
        .lines()
        .filter(|line| line.contains("this exceeds"));
    lines
        .flat_map(|line| between(line, "File ", " is "))
        .collect()
}

// The number comes from outside, so nothing but digits and a point is taken of it.
fn limit(complaint: &str) -> String {
    let told = between(complaint, "file size limit of ", " MB");
    let number = told
        .first()
        .map(|number| number.strip_suffix(".00").unwrap_or(number));
    let is_number =
        |text: &&str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    number
        .filter(is_number)
        .map_or_else(|| USUAL_LIMIT.to_owned(), |number| format!("{number} MB"))
}

// `remote:          path: settings/prod.env:3`
fn places(complaint: &str) -> Vec<String> {
    let after = |line: &str| {
        let (_, place) = line.split_once("path: ")?;
        let place = place.trim();
        let cut = place
            .rsplit_once(':')
            .filter(|(_, line)| !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit()));
        Some(cut.map_or(place, |(path, _)| path).to_owned())
    };
    let mut found: Vec<String> = complaint.lines().filter_map(after).collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn between(text: &str, start: &str, end: &str) -> Vec<String> {
    let after = text.split(start).skip(1);
    after
        .filter_map(|rest| rest.split_once(end))
        .map(|(inside, _)| inside.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_become_decisions() {
        let table = [
            (
                "remote: Invalid username or token.\nfatal: Authentication failed for 'https://github.com/o/r.git/'",
                Verdict::NotYet,
            ),
            (
                "fatal: could not read Username for 'http://x': terminal prompts disabled",
                Verdict::NotYet,
            ),
            (
                "remote: Repository not found.\nfatal: repository 'https://github.com/o/r.git/' not found",
                Verdict::NotYet,
            ),
            (
                "remote: Permission to o/r.git denied to x[bot].\nfatal: unable to access 'u': The requested URL returned error: 403",
                Verdict::NotYet,
            ),
            (
                "remote: Write access to repository not granted.\nfatal: unable to access 'u': The requested URL returned error: 403",
                Verdict::NotYet,
            ),
            (
                "fatal: unable to access 'u': The requested URL returned error: 502",
                Verdict::Passing,
            ),
            (
                "fatal: unable to access 'u': Could not resolve host: github.com",
                Verdict::Passing,
            ),
            (
                "remote: This repository was archived so it is read-only.\nfatal: unable to access 'u': The requested URL returned error: 403",
                Verdict::Archived,
            ),
            (
                "! [remote rejected] c -> switchyard/x (cannot lock ref 'refs/heads/switchyard/x': 'refs/heads/switchyard' exists; cannot create)",
                Verdict::InTheWay,
            ),
            (
                "!\tc:refs/heads/switchyard/x\t[remote rejected] (directory file conflict)",
                Verdict::InTheWay,
            ),
            (
                "!\tc:refs/heads/switchyard/x\t[rejected] (stale info)",
                Verdict::Moved,
            ),
            (
                "fatal: couldn't find remote ref refs/pull/7/head",
                Verdict::Unknown,
            ),
            (
                "fatal: remote error: upload-pack: not our ref 0123456789",
                Verdict::Unknown,
            ),
        ];
        judged(&table);
    }

    #[test]
    fn what_is_refused_for_its_content_is_named() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let table = [
            (
                "! [remote rejected] c -> b (refusing to allow a GitHub App to create or update workflow `.github/workflows/ci.yml` without `workflows` permission)",
                Verdict::Forbidden(names(&[".github/workflows/ci.yml"])),
            ),
            (
                "remote: error: File a b.bin is 123.00 MB; this exceeds GitHub's file size limit of 100.00 MB\nremote: error: GH001: Large files detected.\n",
                Verdict::TooLarge {
                    files: names(&["a b.bin"]),
                    limit: "100 MB".to_owned(),
                },
            ),
            (
                "remote: error: File a is 3.00 MB; this exceeds GitHub's file size limit of 2.50 MB\nremote: error: File b is 4.00 MB; this exceeds GitHub's file size limit of 2.50 MB\n",
                Verdict::TooLarge {
                    files: names(&["a", "b"]),
                    limit: "2.50 MB".to_owned(),
                },
            ),
            (
                "remote: error: File a is 3 MB; this exceeds GitHub's file size limit of @ada MB\n",
                Verdict::TooLarge {
                    files: names(&["a"]),
                    limit: "100 MB".to_owned(),
                },
            ),
            (
                "remote: error: GH013: Repository rule violations found for refs/heads/x.\nremote: - Push cannot contain secrets\nremote:     locations:\nremote:       - commit: abc\nremote:         path: conf/prod.env:3\nremote:         path: a:1\nremote:         path: conf/prod.env:9\n",
                Verdict::Credentials(names(&["a", "conf/prod.env"])),
            ),
            (
                "remote: error: GH008: Your push referenced at least 1 unknown Git LFS object:\n!\tc:b\t[remote rejected] (pre-receive hook declined)",
                Verdict::NotStored,
            ),
            (
                "remote: error: GH013: Repository rule violations found for refs/heads/x.\nremote: - Cannot create ref due to creations being restricted.\n",
                Verdict::Rules,
            ),
            (
                "remote: error: GH006: Protected branch update failed for refs/heads/x.",
                Verdict::Rules,
            ),
            (
                "remote: no\n!\tc:b\t[remote rejected] (protected branch hook declined)",
                Verdict::Rules,
            ),
            (
                "remote: declined\n!\tc:b\t[remote rejected] (pre-receive hook declined)",
                Verdict::Declined,
            ),
            (
                "fatal: write error: No space left on device",
                Verdict::NoRoom,
            ),
            ("fatal: bad object HEAD", Verdict::Other),
        ];
        judged(&table);
    }

    fn judged(table: &[(&str, Verdict)]) {
        for (complaint, verdict) in table {
            assert_eq!(Verdict::of(complaint), *verdict, "{complaint}");
        }
    }
}
