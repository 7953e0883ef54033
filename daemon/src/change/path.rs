//! Rules about which files change.

use std::{
    fs,
    os::unix::fs::{FileTypeExt, OpenOptionsExt},
    path::Path,
};

use rustix::fs::OFlags;

use super::{FILE_LIMIT, FileLimit, Name, Refusal, name::is_git_folder};

const REPOSITORY: &str = "160000";
const LINK: &str = "120000";

/// A path whose file is not what the base holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Status {
    /// Where.
    pub(crate) path: Name,
    /// What the base holds there; none if nothing.
    pub(crate) before: Option<Before>,
}

/// What the base holds at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Before {
    /// The kind of file, as git's octal mode.
    pub(crate) mode: String,
    /// The kind of file that is there now; zeros for none.
    pub(crate) now: String,
}

impl Status {
    /// Reads `status --porcelain=v2 -z --no-renames`.
    pub(crate) fn parse(status: &[u8]) -> Vec<Self> {
        status
            .split(|byte| *byte == 0)
            .filter_map(Self::line)
            .collect()
    }

    // `1 XY sub mode-in-head mode-in-index mode-now name-in-head name-in-index path`, or `? path`
    fn line(line: &[u8]) -> Option<Self> {
        if let Some(path) = line.strip_prefix(b"? ") {
            return Some(Self {
                path: path.into(),
                before: None,
            });
        }
        let mut fields = line.strip_prefix(b"1 ")?.splitn(8, |byte| *byte == b' ');
        let mut text = |skip: usize| {
            let field = fields.nth(skip)?;
            Some(String::from_utf8_lossy(field).into_owned())
        };
        let (mode, now) = (text(3)?, text(0)?);
        Some(Self {
            path: fields.nth(2)?.into(),
            before: Some(Before { mode, now }),
        })
    }

    /// Whether the base holds a plain file there, and the same kind of file is there now.
    pub(crate) fn is_plain(&self) -> bool {
        let before = self.before.as_ref();
        before.is_some_and(|before| before.mode.starts_with("100") && before.mode == before.now)
    }

    /// Whether the base holds nothing there, or something else than the link that is there now.
    pub(crate) fn is_new(&self) -> bool {
        let before = self.before.as_ref();
        before.is_none_or(|before| before.now == LINK && before.mode != LINK)
    }
}

/// Why the file at the path is refused, by what can be seen without reading it.
pub(crate) fn refusal(status: &Status, checkout: &Path) -> Option<Refusal> {
    let path = &status.path;
    let modes = status
        .before
        .iter()
        .flat_map(|before| [&before.mode, &before.now]);
    // Git lists a folder by itself only when it is a repository of its own.
    if modes.into_iter().any(|mode| mode == REPOSITORY) || path.bytes().ends_with(b"/") {
        return Some(Refusal::Nested(path.clone()));
    }
    if protected(path) {
        return Some(Refusal::Protected(path.clone()));
    }
    match fs::symlink_metadata(path.below(checkout)) {
        Ok(found) if found.is_file() && found.len() > FILE_LIMIT => {
            Some(Refusal::TooLarge(path.clone(), FileLimit::Own))
        }
        Ok(found) if found.file_type().is_fifo() || found.file_type().is_socket() => {
            Some(Refusal::Unreadable(path.clone()))
        }
        Ok(found) if found.is_file() => unreadable(path, checkout),
        _ => None,
    }
}

// Git ends altogether when there is a file that it cannot open.
fn unreadable(path: &Name, checkout: &Path) -> Option<Refusal> {
    let carefully = OFlags::NOFOLLOW.union(OFlags::NONBLOCK);
    let opened = fs::OpenOptions::new()
        .read(true)
        .custom_flags(carefully.bits().cast_signed())
        .open(path.below(checkout));
    opened.is_err().then(|| Refusal::Unreadable(path.clone()))
}

// Workflows and actions run with the repository's secrets; what starts with `.git` steers git itself,
// save the two names that only say what to leave out and what to keep.
fn protected(path: &Name) -> bool {
    // Some systems part names at a backslash as well.
    let part = |byte: u8| match byte {
        b'\\' => b'/',
        byte => byte.to_ascii_lowercase(),
    };
    let lower: Vec<u8> = path.bytes().iter().copied().map(part).collect();
    let workflows: [&[u8]; 2] = [b".github/workflows", b".github/actions"];
    workflows.iter().any(|folder| {
        lower
            .strip_prefix(*folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    }) || lower.split(|byte| *byte == b'/').any(steers_git)
}

fn steers_git(part: &[u8]) -> bool {
    let harmless: [&[u8]; 3] = [b".github", b".gitignore", b".gitkeep"];
    is_git_folder(part) || part.starts_with(b".git") && !harmless.contains(&part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(path: &str) -> Status {
        Status {
            path: path.into(),
            before: None,
        }
    }

    #[test]
    fn what_steers_machines_is_protected() {
        for path in [
            ".github/workflows/ci.yml",
            ".GitHub/Workflows/ci.yml",
            ".github/workflows",
            ".github/actions/x/action.yml",
            ".gitattributes",
            "deep/.gitmodules",
            "deep/.git/config",
            "deep/git~1/config",
            ".g\u{200D}it/config",
            "a\\.git",
            "a\\.git\\config",
            "deep/a\\GIT~1 ",
            "a\\.gitmodules",
            ".github\\workflows\\ci.yml",
        ] {
            assert!(protected(&path.into()), "{path}");
        }
        for path in [
            ".github/ISSUE_TEMPLATE.md",
            ".gitignore",
            "a/.gitkeep",
            "src/git.rs",
            "workflows/a",
            "a\\b",
            "a\\.gitignore",
        ] {
            assert!(!protected(&path.into()), "{path}");
        }
    }

    #[test]
    fn what_git_says_is_read_as_bytes() {
        let status = b"1 .M N... 100644 100644 100755 aa bb src/a b.rs\x00? l\xe9nk\x001 .D N... 160000 160000 000000 cc cc sub\x00";
        let found = Status::parse(status);
        assert_eq!(found.len(), 3);
        assert_eq!(found[0].path, "src/a b.rs".into());
        let before = found[0].before.as_ref().unwrap();
        assert_eq!(
            (before.mode.as_str(), before.now.as_str()),
            ("100644", "100755")
        );
        assert_eq!(found[1].path, Name::from(&b"l\xe9nk"[..]));
        assert_eq!(
            refusal(&found[2], Path::new("/nowhere")),
            Some(Refusal::Nested("sub".into()))
        );
    }

    #[test]
    fn sizes_and_nested_repositories_are_seen_before_git_reads_them() {
        let folder = tempfile::tempdir().unwrap();
        let large = Name::from(&b"l\xe9rge"[..]);
        let file = fs::File::create(large.below(folder.path())).unwrap();
        file.set_len(FILE_LIMIT + 1).unwrap();
        let status = Status {
            path: large.clone(),
            before: None,
        };
        assert_eq!(
            refusal(&status, folder.path()),
            Some(Refusal::TooLarge(large, FileLimit::Own))
        );
        assert_eq!(
            refusal(&new("inner/"), folder.path()),
            Some(Refusal::Nested("inner/".into()))
        );
        assert_eq!(refusal(&new("gone"), folder.path()), None);
        fs::write(folder.path().join("plain"), "x").unwrap();
        assert_eq!(refusal(&new("plain"), folder.path()), None);
    }
}
