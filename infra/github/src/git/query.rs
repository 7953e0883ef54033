//! Questions to a repository. Branches are always named in full, so that no name can be an option
//! or an expression.

use super::{Git, succeeded};
use crate::actions::push::Commit;
use crate::error::Error;
use crate::state::refs::Refs;
use crate::state::repositories::Repository;

/// How many commits a webhook or a page shows.
const SHOWN_COMMITS: &str = "--max-count=100";

/// Bytes of a diff that a page shows.
const SHOWN_DIFF: usize = 512 * 1024;

/// What a pull request changes, in numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Extent {
    pub(crate) commits: u64,
    pub(crate) files: u64,
    pub(crate) additions: u64,
    pub(crate) deletions: u64,
}

impl Git {
    /// All branches and tags.
    pub(crate) async fn refs(&self, repository: &Repository) -> Result<Refs, Error> {
        self.refs_under(repository, &["refs/heads", "refs/tags"])
            .await
    }

    /// All references under these prefixes.
    pub(crate) async fn refs_under(
        &self,
        repository: &Repository,
        prefixes: &[&str],
    ) -> Result<Refs, Error> {
        let command = ["for-each-ref", "--format=%(objectname) %(refname)"];
        let arguments = [&command, prefixes].concat();
        let text = self.text(repository, &arguments).await?;
        let pairs = text.lines().filter_map(|line| line.split_once(' '));
        Ok(pairs
            .map(|(sha, name)| (name.to_owned(), sha.to_owned()))
            .collect())
    }

    /// The commit of a branch, if there is one.
    pub(crate) async fn head(
        &self,
        repository: &Repository,
        branch: &str,
    ) -> Result<Option<String>, Error> {
        self.reference(repository, &format!("refs/heads/{branch}"))
            .await
    }

    /// What kind of object this is: `commit`, `tag`, `tree` or `blob`.
    pub(crate) async fn kind(&self, repository: &Repository, sha: &str) -> Result<String, Error> {
        let kind = self.text(repository, &["cat-file", "-t", sha]).await?;
        Ok(kind.trim().to_owned())
    }

    /// The object that a reference of this full name points at, if there is one.
    pub(crate) async fn reference(
        &self,
        repository: &Repository,
        name: &str,
    ) -> Result<Option<String>, Error> {
        if name.contains('\0') {
            return Ok(None);
        }
        let arguments = ["show-ref", "--verify", "--hash", "--", name];
        let output = self.run(repository, &arguments, None).await?;
        let sha = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Ok((output.status.success() && !sha.is_empty()).then_some(sha))
    }

    /// How many commits `head` has that `base` has not.
    pub(crate) async fn ahead(
        &self,
        repository: &Repository,
        base: &str,
        head: &str,
    ) -> Result<u64, Error> {
        let range = format!("{base}..{head}");
        let text = self
            .text(repository, &["rev-list", "--count", &range, "--"])
            .await?;
        text.trim()
            .parse()
            .map_err(|_| Error::Git(format!("unexpected count {text}")))
    }

    /// The commits of `head` that `base` has not, oldest first; all of `head` without a base.
    pub(crate) async fn commits(
        &self,
        repository: &Repository,
        base: Option<&str>,
        head: &str,
    ) -> Result<Vec<Commit>, Error> {
        let range = base.map_or_else(|| head.to_owned(), |base| format!("{base}..{head}"));
        let format = "--format=%H%x1f%an%x1f%aI%x1f%B%x1e";
        let arguments = ["log", "--reverse", SHOWN_COMMITS, format, &range, "--"];
        let text = self.text(repository, &arguments).await?;
        Ok(text.split('\u{1e}').filter_map(commit).collect())
    }

    /// The names of all files of a commit.
    pub(crate) async fn files(
        &self,
        repository: &Repository,
        sha: &str,
    ) -> Result<Vec<String>, Error> {
        let text = self
            .text(repository, &["ls-tree", "-r", "-z", "--name-only", sha])
            .await?;
        Ok(text
            .split('\0')
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect())
    }

    /// The content of a file in a commit, if it is there.
    pub(crate) async fn file(
        &self,
        repository: &Repository,
        sha: &str,
        path: &str,
    ) -> Result<Option<Vec<u8>>, Error> {
        if path.contains('\0') {
            return Ok(None);
        }
        let object = format!("{sha}:{path}");
        let output = self
            .run(repository, &["cat-file", "blob", &object], None)
            .await?;
        Ok(output.status.success().then_some(output.stdout))
    }

    /// What `head` changed since it left `base`, as text, cut off when it is very long.
    pub(crate) async fn diff(
        &self,
        repository: &Repository,
        base: &str,
        head: &str,
    ) -> Result<String, Error> {
        let range = format!("{base}...{head}");
        let arguments = [
            "diff",
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
            &range,
            "--",
        ];
        let output = self.run(repository, &arguments, None).await?;
        succeeded(&output)?;
        let shown = output.stdout.get(..SHOWN_DIFF).unwrap_or(&output.stdout);
        Ok(String::from_utf8_lossy(shown).into_owned())
    }

    /// What `head` changed since it left `base`, in numbers.
    pub(crate) async fn extent(
        &self,
        repository: &Repository,
        base: &str,
        head: &str,
    ) -> Result<Extent, Error> {
        let range = format!("{base}...{head}");
        let text = self
            .text(repository, &["diff", "--numstat", &range, "--"])
            .await?;
        let commits = self.ahead(repository, base, head).await?;
        let mut extent = Extent {
            commits,
            ..Extent::default()
        };
        for line in text.lines() {
            let mut columns = line
                .split('\t')
                .map(|column| column.parse::<u64>().unwrap_or(0));
            extent.files += 1;
            extent.additions += columns.next().unwrap_or(0);
            extent.deletions += columns.next().unwrap_or(0);
        }
        Ok(extent)
    }
}

fn commit(record: &str) -> Option<Commit> {
    let mut fields = record.trim_start().splitn(4, '\u{1f}').map(str::to_owned);
    Some(Commit {
        sha: fields.next().filter(|sha| !sha.is_empty())?,
        author: fields.next()?,
        date: fields.next()?,
        message: fields.next()?.trim_end().to_owned(),
    })
}
