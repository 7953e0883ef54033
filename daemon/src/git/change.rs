//! What an agent changed, as a commit.

use std::{collections::HashMap, fs, path::Path};

use jiff::Timestamp;
use secrecy::SecretString;

use super::{
    Base, Bot, Fresh, Git, GitError, Sealed,
    program::Input,
    tree::{Entry, Index},
    untouched,
};
use crate::change::{self, FILES_LIMIT, Name, Refusal, Status};

/// Taking the change failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeError {
    /// There is none.
    #[error("nothing was changed")]
    Nothing,
    /// It is not one that an agent may make, nor is any part of it.
    #[error("the change is refused")]
    Refused(Vec<Refusal>),
    /// There is no folder for git.
    #[error("there is no folder for git")]
    NoHome,
    /// The files cannot be taken as they are.
    #[error(transparent)]
    Git(#[from] GitError),
}

/// Who commits what, when.
#[derive(Debug)]
pub(crate) struct Signature<'a> {
    /// The bot.
    pub(crate) bot: &'a Bot,
    /// When.
    pub(crate) at: Timestamp,
    /// The whole message.
    pub(crate) message: String,
}

/// A change that was taken.
#[derive(Debug)]
pub(crate) struct Taken {
    /// The commit.
    pub(crate) sealed: Sealed,
    /// What the agent changed as well and may not: it is not in the commit.
    pub(crate) left_out: Vec<Refusal>,
}

/// Turns what the files in `checkout` have become into one commit on `base`. It must only be called when
/// nothing of the agent runs any more.
pub(crate) async fn take(
    git: &Git,
    base: &Base,
    checkout: &Path,
    signature: &Signature<'_>,
    secrets: &[SecretString],
) -> Result<Taken, ChangeError> {
    // A link in the checkout's place would have git take files from anywhere.
    if !fs::symlink_metadata(checkout).is_ok_and(|found| found.is_dir()) {
        return Err(ChangeError::Refused(vec![Refusal::CheckoutGone]));
    }
    let fresh = Fresh::open(git, base).await?;
    let taking = Taking {
        git,
        fresh: &fresh,
        base,
        checkout,
    };
    let (tree, left_out) = taking.tree(secrets).await?;
    let commit = commit(git, &fresh, base, &tree, signature).await?;
    let sealed = fresh.seal(git, base, commit).await?;
    Ok(Taken { sealed, left_out })
}

/// The steps from files to a tree. Attributes and ignored files are git's own business, but whatever runs a program
/// (filters, hooks) is unknown to this repository, and so never happens.
struct Taking<'a> {
    git: &'a Git,
    fresh: &'a Fresh,
    base: &'a Base,
    checkout: &'a Path,
}

impl Taking<'_> {
    async fn tree(&self, secrets: &[SecretString]) -> Result<(String, Vec<Refusal>), ChangeError> {
        let raw = Index::open(
            self.git,
            self.fresh,
            self.checkout,
            "raw",
            &self.base.commit,
        );
        raw.reset().await?;
        let touched = self.touched(&raw).await?;
        if touched.is_empty() {
            return Err(ChangeError::Nothing);
        }
        if touched.len() > FILES_LIMIT {
            return Err(ChangeError::Refused(vec![Refusal::TooMany(touched.len())]));
        }
        let mut refusals = Vec::new();
        let mut names = Vec::new();
        for status in &touched {
            match change::refusal(status, self.checkout) {
                Some(refusal) => refusals.push(refusal),
                None => names.push(status.path.clone()),
            }
        }
        let mut entries = self.entries(&raw, &names).await?;
        self.stored(&raw, &mut entries, &mut refusals).await?;
        self.links(&mut entries, &mut refusals).await?;
        // Where a folder's place was taken by what is left out, the folder stays.
        let left_out: Vec<Name> = refusals.iter().filter_map(Refusal::path).cloned().collect();
        entries.retain(|entry| {
            !entry.is_removal() || !left_out.iter().any(|out| entry.path.is_in(out))
        });
        if entries.is_empty() {
            return Err(if refusals.is_empty() {
                ChangeError::Nothing
            } else {
                ChangeError::Refused(refusals)
            });
        }
        let index = Index::open(
            self.git,
            self.fresh,
            self.checkout,
            "taken",
            &self.base.commit,
        );
        index.reset().await?;
        index.set(&entries).await?;
        let patch = index.patch().await;
        let found = match &patch {
            Err(GitError::TooMuch) => vec![Refusal::TooLong],
            Err(_) => Vec::new(),
            Ok(patch) => change::contents(patch, secrets),
        };
        if !found.is_empty() {
            return Err(ChangeError::Refused(found));
        }
        patch?;
        Ok((index.write().await?, refusals))
    }

    /// The files that are neither what the base holds nor what a checkout of it makes of them.
    async fn touched(&self, raw: &Index<'_>) -> Result<Vec<Status>, GitError> {
        let status = [
            "status",
            "--porcelain=v2",
            "-z",
            "-uall",
            "--no-renames",
            "--ignore-submodules=none",
        ];
        let mut found = Status::parse(&raw.plain(&status).await?.run().await?);
        let same = untouched::find(self.git, raw, self.checkout, &found).await?;
        found.retain(|status| !same.contains(&status.path));
        Ok(found)
    }

    /// What the files at `names` become in git. Line ends follow the attributes that the base holds, unless the file's
    /// own are against them there: then they stay as they are, or else every line would change.
    async fn entries(&self, raw: &Index<'_>, names: &[Name]) -> Result<Vec<Entry>, GitError> {
        raw.add_plain(names).await?;
        let clean = Index::open(
            self.git,
            self.fresh,
            self.checkout,
            "clean",
            &self.base.commit,
        );
        clean.reset().await?;
        clean.add(names).await?;
        let cleaned: HashMap<Name, Entry> = clean
            .changes()
            .await?
            .into_iter()
            .map(|entry| (entry.path.clone(), entry))
            .collect();
        let mut entries = Vec::new();
        for entry in raw.changes().await? {
            match cleaned.get(&entry.path) {
                Some(same) if same.object == entry.object => entries.push(entry),
                _ if raw.has_returns(&entry.before).await? => entries.push(entry),
                Some(other) => entries.push(other.clone()),
                None => {}
            }
        }
        Ok(entries)
    }

    /// Takes out what belongs into Git LFS and is not there.
    async fn stored(
        &self,
        raw: &Index<'_>,
        entries: &mut Vec<Entry>,
        refusals: &mut Vec<Refusal>,
    ) -> Result<(), GitError> {
        let files = entries.iter().filter(|entry| entry.is_file());
        let names: Vec<Name> = files.map(|entry| entry.path.clone()).collect();
        for name in raw.kept_in_lfs(&names).await? {
            let is_pointer = fs::read(name.below(self.checkout))
                .is_ok_and(|bytes| super::lfs::Pointer::read(&bytes).is_some());
            if !is_pointer {
                entries.retain(|entry| entry.path != name);
                refusals.push(Refusal::Stored(name));
            }
        }
        Ok(())
    }

    /// Takes out the links that lead out of the repository, or have others lead there.
    async fn links(
        &self,
        entries: &mut Vec<Entry>,
        refusals: &mut Vec<Refusal>,
    ) -> Result<(), GitError> {
        let index = Index::open(
            self.git,
            self.fresh,
            self.checkout,
            "taken",
            &self.base.commit,
        );
        index.reset().await?;
        let before = index.links().await?;
        index.set(entries).await?;
        let mut after = index.links().await?;
        loop {
            let changed: Vec<Name> = entries.iter().map(|entry| entry.path.clone()).collect();
            let astray = after.astray(&before, &changed);
            if astray.is_empty() {
                return Ok(());
            }
            for name in astray {
                after.restore(&name, &before);
                entries.retain(|entry| entry.path != name);
                refusals.push(Refusal::Link(name));
            }
        }
    }
}

async fn commit(
    git: &Git,
    fresh: &Fresh,
    base: &Base,
    tree: &str,
    signature: &Signature<'_>,
) -> Result<String, GitError> {
    let (name, address) = (signature.bot.login(), signature.bot.address());
    let date = format!("@{} +0000", signature.at.as_second());
    fresh
        .call(
            git,
            git.home(),
            &["commit-tree", tree, "-p", &base.commit, "-F", "-"],
        )
        .variable("GIT_AUTHOR_NAME", name.as_str())
        .variable("GIT_AUTHOR_EMAIL", address)
        .variable("GIT_AUTHOR_DATE", &date)
        .variable("GIT_COMMITTER_NAME", name.as_str())
        .variable("GIT_COMMITTER_EMAIL", address)
        .variable("GIT_COMMITTER_DATE", &date)
        .input(Input::Bytes(signature.message.clone().into_bytes()))
        .line()
        .await
}
