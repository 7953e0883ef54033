//! Files that differ from what the repository holds only as a checkout makes them.
//!
//! Attributes have git write line ends, encodings and keywords that are not in the repository. Such a file is not what an
//! agent changed, even where taking it back would not give what the repository holds.

use std::{collections::HashSet, fs, path::Path};

use super::{Git, GitError, tree::Index};
use crate::change::{Name, Status};

/// The most bytes of a file that is looked at; what is larger is no text.
const LIMIT: u64 = 16 * 1024 * 1024;

/// Those of `found` that are as a checkout of the base makes them.
pub(crate) async fn find(
    git: &Git,
    index: &Index<'_>,
    checkout: &Path,
    found: &[Status],
) -> Result<HashSet<Name>, GitError> {
    let small = |name: &Name| {
        fs::symlink_metadata(name.below(checkout)).is_ok_and(|file| file.len() <= LIMIT)
    };
    let plain = found.iter().filter(|status| status.is_plain());
    let names: Vec<Name> = plain
        .map(|status| status.path.clone())
        .filter(small)
        .collect();
    if names.is_empty() {
        return Ok(HashSet::new());
    }
    let beside = git.home().join("as-checked-out");
    index.check_out(&names, &beside).await?;
    let same = |name: &Name| {
        let (now, made) = (
            fs::read(name.below(checkout)),
            fs::read(name.below(&beside)),
        );
        now.is_ok_and(|now| made.is_ok_and(|made| now == made))
    };
    let same = names.into_iter().filter(same).collect();
    fs::remove_dir_all(&beside)?;
    Ok(same)
}
