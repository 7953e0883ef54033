//! Repositories without a folder of their own for git: whoever goes there with git has it read what lies there.

use std::{
    collections::HashMap,
    fs::{self, FileType},
    os::unix::ffi::OsStrExt,
    path::Path,
};

use super::{Name, Status, name::folded};

/// The folders below `checkout` that hold something at a touched path and that git takes for repositories, each ending
/// with a slash. Of nested ones only the outermost is given.
pub(crate) fn bare(touched: &[Status], checkout: &Path) -> Vec<Name> {
    let mut known: HashMap<Name, bool> = HashMap::new();
    for status in touched {
        for folder in status.path.folders() {
            known
                .entry(folder)
                .or_insert_with_key(|folder| is_repository(&folder.below(checkout)));
        }
    }
    let found: Vec<&Name> = known
        .iter()
        .filter_map(|(folder, is)| is.then_some(folder))
        .collect();
    let outermost = |folder: &&&Name| !found.iter().any(|other| folder.is_in(other));
    let mut outermost: Vec<Name> = found
        .iter()
        .filter(outermost)
        .map(|folder| folder.as_folder())
        .collect();
    outermost.sort_unstable();
    outermost
}

/// What git goes by: a head, and objects with references, or word of where they are. Names that other systems do not
/// tell apart count alike, and of several alike any may be the one that such a system keeps.
fn is_repository(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else {
        return false;
    };
    let entries: Vec<(Vec<u8>, FileType)> = entries
        .flatten()
        .filter_map(|entry| {
            Some((
                folded(entry.file_name().as_bytes()),
                entry.file_type().ok()?,
            ))
        })
        .collect();
    let any = |name: &str, is: fn(&FileType) -> bool| {
        let alike = |(other, kind): &(Vec<u8>, FileType)| other == name.as_bytes() && is(kind);
        entries.iter().any(alike)
    };
    let is_folder = |name: &str| any(name, |kind| !kind.is_file());
    let is_file = |name: &str| any(name, |kind| !kind.is_dir());
    is_file("head") && (is_folder("objects") && is_folder("refs") || is_file("commondir"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touched(paths: &[&str]) -> Vec<Status> {
        let status = |path: &&str| Status {
            path: (*path).into(),
            before: None,
        };
        paths.iter().map(status).collect()
    }

    #[test]
    fn what_git_takes_for_a_repository_is_one_by_whatever_name() {
        let checkout = tempfile::tempdir().unwrap();
        let put = |path: &str| {
            let at = checkout.path().join(path);
            fs::create_dir_all(at.parent().unwrap()).unwrap();
            fs::write(at, "x").unwrap();
        };
        let files = [
            "deep/a/HEAD",
            "deep/a/objects/x",
            "deep/a/refs/x",
            "deep/a/inner/HEAD",
            "deep/a/inner/commondir",
            "any/head",
            "any/Objects/x",
            "any/REFS/x",
            "kelvin/H\u{200C}EAD",
            "kelvin/object\u{17F}/x",
            "kelvin/REF\u{17F}/x",
            "twice/HEAD/x",
            "twice/Head",
            "twice/commondir",
            "plain/HEAD",
            "plain/objects/x",
            "HEAD",
            "objects/x",
            "refs/x",
        ];
        for path in files {
            put(path);
        }
        assert_eq!(
            bare(&touched(&files), checkout.path()),
            [
                "any/".into(),
                "deep/a/".into(),
                "kelvin/".into(),
                "twice/".into()
            ]
        );
        // What is touched below it counts as well, whatever was there before.
        let below = touched(&["deep/a/refs/x", "gone/HEAD"]);
        assert_eq!(bare(&below, checkout.path()), ["deep/a/".into()]);
    }
}
