//! What a pull request changes, file by file.

use super::{Git, succeeded};
use crate::error::Error;
use crate::state::repositories::Repository;

/// Lines of a diff that GitHub shows as a whole.
const LONGEST_DIFF: usize = 20_000;

/// One changed file.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) path: String,
    /// Its former path, if it was renamed.
    pub(crate) former: Option<String>,
    pub(crate) status: &'static str,
    /// Id of the content as it is now, or was if it is gone.
    pub(crate) sha: String,
    pub(crate) additions: usize,
    pub(crate) deletions: usize,
    /// The change from its first `@@` on; a binary file has none.
    pub(crate) patch: Option<String>,
}

impl Git {
    /// What `head` changed since it left `base`, as a diff or, with the messages of the commits, as
    /// patches.
    pub(crate) async fn whole_diff(
        &self,
        repository: &Repository,
        (base, head): (&str, &str),
        form: Form,
    ) -> Result<String, Error> {
        let diff = ["diff", "--no-color", "--no-ext-diff", "--no-textconv", "-M"];
        let patches = ["format-patch", "--stdout", "--no-color", "--no-signature"];
        let (command, range): (&[&str], String) = match form {
            Form::Diff => (&diff, format!("{base}...{head}")),
            Form::Patches => (&patches, format!("{base}..{head}")),
        };
        let arguments = [command, &[&range, "--"]].concat();
        let output = self.run(repository, &arguments, None).await?;
        succeeded(&output)?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if text.lines().count() > LONGEST_DIFF {
            return Err(Error::TooLarge);
        }
        Ok(text)
    }

    /// The files that `head` changed since it left `base`.
    pub(crate) async fn changes(
        &self,
        repository: &Repository,
        base: &str,
        head: &str,
    ) -> Result<Vec<Change>, Error> {
        let range = format!("{base}...{head}");
        let raw = ["diff", "--raw", "-z", "--abbrev=40", "-M", &range, "--"];
        let raw = self.text(repository, &raw).await?;
        let diff = ["diff", "--no-color", "--no-ext-diff", "--no-textconv", "-M"];
        let diff = [&diff[..], &[&range, "--"]].concat();
        let diff = self.text(repository, &diff).await?;
        let mut patches = diff.split("\ndiff --git ").map(patch);
        let mut fields = raw.split('\0');
        let mut changes = Vec::new();
        while let Some(change) = next(&mut fields) {
            let patch = patches.next().flatten();
            let count = |sign: char| {
                let lines = patch.iter().flat_map(|patch| patch.lines());
                lines.filter(|line| line.starts_with(sign)).count()
            };
            changes.push(Change {
                additions: count('+'),
                deletions: count('-'),
                patch,
                ..change
            });
        }
        Ok(changes)
    }
}

/// How a change is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Diff,
    Patches,
}

fn patch(text: &str) -> Option<String> {
    let start = text.find("\n@@ ")? + 1;
    text.get(start..)
        .map(|patch| patch.trim_end_matches('\n').to_owned())
}

fn next<'a>(fields: &mut impl Iterator<Item = &'a str>) -> Option<Change> {
    let head = fields.next().filter(|head| !head.is_empty())?;
    let words: Vec<&str> = head.split(' ').collect();
    let [_, _, before, after, letter] = words.as_slice() else {
        return None;
    };
    let first = fields.next()?.to_owned();
    let (status, renamed) = match letter.chars().next()? {
        'A' => ("added", false),
        'D' => ("removed", false),
        'R' => ("renamed", true),
        'C' => ("copied", true),
        _ => ("modified", false),
    };
    let (path, former) = if renamed {
        (fields.next()?.to_owned(), Some(first))
    } else {
        (first, None)
    };
    let sha = if status == "removed" { before } else { after };
    Some(Change {
        path,
        former,
        status,
        sha: (*sha).to_owned(),
        additions: 0,
        deletions: 0,
        patch: None,
    })
}
