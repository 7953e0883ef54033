//! Rules about which files change.

use std::{
    fs,
    path::{Component, Path},
};

use super::{Entry, FILE_LIMIT, FILES_LIMIT, Refusal};

const LINK: &str = "120000";
const REPOSITORY: &str = "160000";

/// The paths in `status --porcelain=v1 -z --no-renames`: two letters, a space, the path, a zero byte.
pub(crate) fn paths(status: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(status);
    text.split('\0')
        .filter_map(|line| line.get(3..))
        .map(str::to_owned)
        .collect()
}

/// What is refused before git reads the files: their number and size.
pub(crate) fn sizes(checkout: &Path, paths: &[String]) -> Vec<Refusal> {
    if paths.len() > FILES_LIMIT {
        return vec![Refusal::TooMany(paths.len())];
    }
    let large = |path: &&String| {
        fs::symlink_metadata(checkout.join(path))
            .is_ok_and(|found| found.is_file() && found.len() > FILE_LIMIT)
    };
    // Git lists a folder by itself only when it is a repository of its own.
    let nested = paths
        .iter()
        .filter(|path| path.ends_with('/'))
        .cloned()
        .map(Refusal::Nested);
    let large = paths.iter().filter(large).cloned().map(Refusal::TooLarge);
    nested.chain(large).collect()
}

/// What is refused by path and kind.
pub(crate) fn refusals(entries: &[Entry], checkout: &Path) -> Vec<Refusal> {
    if entries.len() > FILES_LIMIT {
        return vec![Refusal::TooMany(entries.len())];
    }
    entries
        .iter()
        .filter_map(|entry| refusal(entry, checkout))
        .collect()
}

fn refusal(entry: &Entry, checkout: &Path) -> Option<Refusal> {
    let path = || entry.path.clone();
    if entry.before == REPOSITORY || entry.after == REPOSITORY {
        return Some(Refusal::Nested(path()));
    }
    if protected(&entry.path) {
        return Some(Refusal::Protected(path()));
    }
    if entry.after == LINK {
        let target = fs::read_link(checkout.join(&entry.path)).ok();
        if !target.is_some_and(|target| stays_inside(&entry.path, &target)) {
            return Some(Refusal::Link(path()));
        }
    }
    None
}

// Workflows and actions run with the repository's secrets; what starts with `.git` steers git itself,
// save the two names that only say what to leave out and what to keep.
fn protected(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let mut parts = path.split('/');
    let workflows = [".github/workflows", ".github/actions"];
    workflows.iter().any(|folder| {
        path.strip_prefix(folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }) || parts.any(|part| {
        part.starts_with(".git") && !matches!(part, ".github" | ".gitignore" | ".gitkeep")
    })
}

// By the words of the link alone: what else is on this machine decides nothing.
fn stays_inside(path: &str, target: &Path) -> bool {
    let mut depth = Path::new(path).components().count().saturating_sub(1);
    for part in target.components() {
        match part {
            Component::Normal(name) if name.eq_ignore_ascii_case(".git") => return false,
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir => match depth.checked_sub(1) {
                Some(up) => depth = up,
                None => return false,
            },
            Component::RootDir | Component::Prefix(_) => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

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
        ] {
            assert!(protected(path), "{path}");
        }
        for path in [
            ".github/ISSUE_TEMPLATE.md",
            ".gitignore",
            "a/.gitkeep",
            "src/git.rs",
            "workflows/a",
        ] {
            assert!(!protected(path), "{path}");
        }
    }

    #[test]
    fn links_stay_inside() {
        for (path, target, inside) in [
            ("a", "b", true),
            ("a/b", "../c", true),
            ("a/b", "../../c", false),
            ("a", "/etc/passwd", false),
            ("a", "..", false),
            ("a/b", "./x/../../y", true),
            ("a", ".git/config", false),
        ] {
            assert_eq!(
                stays_inside(path, Path::new(target)),
                inside,
                "{path} -> {target}"
            );
        }
    }

    #[test]
    fn raw_entries_are_read_and_judged() {
        let raw = b":100644 100644 aa bb M\0src/a b.rs\0:000000 160000 00 cc A\0vendored\0";
        let entries = Entry::parse(raw);
        assert_eq!(entries.len(), 2);
        let found = refusals(&entries, Path::new("/nowhere"));
        assert_eq!(found, [Refusal::Nested("vendored".to_owned())]);
        let many = vec![entries[0].clone(); FILES_LIMIT + 1];
        assert_eq!(
            refusals(&many, Path::new("/nowhere")),
            [Refusal::TooMany(FILES_LIMIT + 1)]
        );
    }

    #[test]
    fn sizes_and_nested_repositories_are_seen_before_git_reads_them() {
        let folder = tempfile::tempdir().unwrap();
        let large = fs::File::create(folder.path().join("large")).unwrap();
        large.set_len(FILE_LIMIT + 1).unwrap();
        let found = sizes(folder.path(), &paths(b"?? large\0?? inner/\0 M gone\0"));
        assert_eq!(
            found,
            [
                Refusal::Nested("inner/".to_owned()),
                Refusal::TooLarge("large".to_owned())
            ]
        );
    }
}
