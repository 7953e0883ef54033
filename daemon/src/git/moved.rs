//! Files that were moved to where they must not be.

use std::{collections::HashSet, ffi::OsStr, fs, os::unix::ffi::OsStrExt, path::Path};

use super::{
    GitError,
    program::Input,
    tree::{Entry, Index},
};
use crate::change::{KEPT_LIMIT, Name, Refusal};

/// The most bytes of a file that is looked at; a repository holds none that is larger.
const LIMIT: u64 = 100 * 1024 * 1024;

/// Takes out of `entries` what `is_refused` says. What was moved there stays where it was, so that nothing is lost.
pub(super) fn take_out(entries: &mut Vec<Entry>, is_refused: impl Fn(&Name) -> bool) {
    let all = std::mem::take(entries).into_iter();
    let (refused, rest): (Vec<_>, Vec<_>) = all.partition(|entry| is_refused(&entry.path));
    *entries = rest;
    let contents = refused.into_iter().map(|entry| entry.object).collect();
    stay(entries, &contents);
}

/// Has those files stay whose content was moved into what `refusals` name, which git was never given.
pub(super) async fn keep(
    index: &Index<'_>,
    checkout: &Path,
    entries: &mut Vec<Entry>,
    refusals: &[Refusal],
) -> Result<(), GitError> {
    if refusals.is_empty() || !entries.iter().any(Entry::is_removal) {
        return Ok(());
    }
    let mut files = Vec::new();
    for name in refusals.iter().filter_map(Refusal::path) {
        walk(name, checkout, &mut files);
    }
    // Git asks for one name a line here.
    files.retain(|file| !file.bytes().contains(&b'\n') && !file.bytes().starts_with(b"\""));
    let names = files
        .iter()
        .flat_map(|file| [file.bytes(), b"\n"].concat())
        .collect::<Vec<_>>();
    let ways = [
        &["hash-object", "--no-filters", "--stdin-paths"][..],
        &["hash-object", "--stdin-paths"],
    ];
    let mut contents = HashSet::new();
    for way in ways {
        let hash = index.call(way).input(Input::Bytes(names.clone()));
        // What cannot be cleaned as its new name asks for is known as it is.
        if let Ok(answer) = hash.run().await {
            let answer = String::from_utf8_lossy(&answer);
            contents.extend(answer.lines().map(str::to_owned));
        }
    }
    stay(entries, &contents);
    Ok(())
}

fn stay(entries: &mut Vec<Entry>, contents: &HashSet<String>) {
    entries.retain(|entry| !entry.is_removal() || !contents.contains(&entry.before));
}

/// Finds the plain files at or below `name`. Links are not followed.
fn walk(name: &Name, checkout: &Path, files: &mut Vec<Name>) {
    let mut left = vec![name.as_file()];
    while let Some(name) = left.pop() {
        let at = name.below(checkout);
        let Ok(found) = fs::symlink_metadata(&at) else {
            continue;
        };
        if found.is_file() && found.len() <= LIMIT {
            files.push(name);
        } else if found.is_dir() {
            let entries = fs::read_dir(&at).into_iter().flatten().flatten();
            let inside = entries.filter(|entry| entry.file_name() != OsStr::new(".git"));
            left.extend(inside.map(|entry| name.inside(entry.file_name().as_bytes())));
        }
        if files.len() > KEPT_LIMIT {
            return;
        }
    }
}
