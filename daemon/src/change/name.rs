//! Paths as git knows them: bytes, of no particular encoding.

use std::{
    ffi::OsStr,
    fmt,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

/// A path from the top of a repository, with `/` between its parts. Shown, what is no text or would not be seen is
/// replaced.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name(Vec<u8>);

impl Name {
    /// The bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The names of folders and the last name, in their order.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &[u8]> {
        self.0.split(|byte| *byte == b'/')
    }

    /// Where it is below `folder`.
    pub(crate) fn below(&self, folder: &Path) -> PathBuf {
        folder.join(OsStr::from_bytes(&self.0))
    }

    /// Whether it lies in the folder `other`, which may end with a slash.
    pub(crate) fn is_in(&self, other: &Self) -> bool {
        let folder = other.0.strip_suffix(b"/").unwrap_or(&other.0);
        let rest = self.0.strip_prefix(folder);
        rest.is_some_and(|rest| rest.starts_with(b"/"))
    }

    /// The folders it lies in, without the repository itself, the innermost first.
    pub(crate) fn folders(&self) -> impl Iterator<Item = Self> {
        let ends = self.0.iter().enumerate().rev();
        ends.filter(|(at, byte)| **byte == b'/' && *at > 0)
            .map(|(at, _)| Self(self.0[..at].to_owned()))
    }

    /// The name of `part` in this folder.
    pub(crate) fn inside(&self, part: &[u8]) -> Self {
        Self([self.as_file().0.as_slice(), b"/", part].concat())
    }

    /// The same without the slash of a folder.
    pub(crate) fn as_file(&self) -> Self {
        Self(self.0.strip_suffix(b"/").unwrap_or(&self.0).to_owned())
    }

    /// The same as a folder, which ends with a slash.
    pub(crate) fn as_folder(&self) -> Self {
        Self([self.0.as_slice(), b"/"].concat())
    }
}

impl From<&[u8]> for Name {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_owned())
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_owned())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = String::from_utf8_lossy(&self.0);
        let visible = |c: char| if c.is_control() { '\u{FFFD}' } else { c };
        f.write_str(&text.chars().map(visible).collect::<String>())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

/// Whether some system takes `part` for the folder in which git keeps a repository: in any case, with dots, spaces or
/// a stream behind it, with characters that Apple's file systems do not see, or by its short name.
pub(crate) fn is_git_folder(part: &[u8]) -> bool {
    let seen = folded(part);
    let before_stream = seen.split(|byte| *byte == b':').next().unwrap_or_default();
    let end = before_stream
        .iter()
        .rposition(|byte| !matches!(byte, b'.' | b' '))
        .map_or(0, |last| last + 1);
    matches!(&before_stream[..end], b".git" | b"git~1")
}

/// `part` as a system sees it that does not tell names apart by case: in small letters, without the characters that are
/// left out where names are compared.
pub(crate) fn folded(part: &[u8]) -> Vec<u8> {
    // Bytes that are no text have none of these characters either.
    let Ok(text) = std::str::from_utf8(part) else {
        return part.to_ascii_lowercase();
    };
    let folded: String = text.chars().filter(|c| !ignorable(*c)).map(fold).collect();
    folded.into_bytes()
}

// The long s and the sign for kelvin are the only other characters that become letters of ASCII.
fn fold(c: char) -> char {
    match c {
        '\u{017F}' => 's',
        '\u{212A}' => 'k',
        c => c.to_ascii_lowercase(),
    }
}

// What HFS+ leaves out when it compares names.
fn ignorable(c: char) -> bool {
    matches!(c, '\u{200C}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{206A}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_gits_own_folder_is_known() {
        for part in [
            ".git",
            ".GIT",
            ".git.",
            ".git . ",
            ".git::$INDEX_ALLOCATION",
            "git~1",
            "GIT~1",
            ".g\u{200C}it",
            "\u{FEFF}.git",
        ] {
            assert!(is_git_folder(part.as_bytes()), "{part:?}");
        }
        for part in [".gitignore", "git", "git~2", ".gi", "", "x.git", "..."] {
            assert!(!is_git_folder(part.as_bytes()), "{part:?}");
        }
        assert!(is_git_folder(b".GiT") && !is_git_folder(b".g\xe9it"));
    }

    #[test]
    fn names_fold_as_they_do_without_case() {
        for (name, expected) in [
            ("HEAD", "head"),
            ("ref\u{17F}", "refs"),
            ("\u{212A}ey", "key"),
            ("H\u{200C}E\u{FEFF}AD", "head"),
            ("r\u{E9}fs", "r\u{E9}fs"),
        ] {
            assert_eq!(folded(name.as_bytes()), expected.as_bytes(), "{name:?}");
        }
        assert_eq!(folded(b"R\xe9F"), b"r\xe9f");
    }

    #[test]
    fn names_are_shown_as_far_as_they_can_be() {
        assert_eq!(
            Name::from(&b"l\xe9nk\n"[..]).to_string(),
            "l\u{FFFD}nk\u{FFFD}"
        );
        assert!(Name::from("a/b").is_in(&"a".into()) && !Name::from("ab").is_in(&"a".into()));
        assert!(Name::from("a/b").is_in(&"a/".into()) && !Name::from("a/").is_in(&"a/b/".into()));
        assert_eq!(Name::from("a/").inside(b"b"), "a/b".into());
        let folders: Vec<Name> = Name::from("a/b/c").folders().collect();
        assert_eq!(folders, ["a/b".into(), "a".into()]);
    }
}
