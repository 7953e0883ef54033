//! What an agent changed, as a commit.

use std::{fs, path::Path};

use jiff::Timestamp;
use secrecy::SecretString;

use super::{Base, Fresh, Git, GitError, Sealed, program::Input};
use crate::change::{self, Entry, Refusal};

/// Taking the change failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeError {
    /// There is none.
    #[error("nothing was changed")]
    Nothing,
    /// It is not one that an agent may make.
    #[error("the change is refused")]
    Refused(Vec<Refusal>),
    /// The files cannot be taken as they are.
    #[error(transparent)]
    Git(#[from] GitError),
}

/// Who commits what, when.
#[derive(Debug)]
pub(crate) struct Signature {
    /// The bot's login.
    pub(crate) login: String,
    /// When.
    pub(crate) at: Timestamp,
    /// The whole message.
    pub(crate) message: String,
}

/// Turns what the files in `checkout` have become into one commit on `base`. It must only be called when
/// nothing of the agent runs any more.
pub(crate) async fn take(
    git: &Git,
    base: &Base,
    checkout: &Path,
    signature: &Signature,
    secrets: &[SecretString],
) -> Result<Sealed, ChangeError> {
    // A link in the checkout's place would have git take files from anywhere.
    if !fs::symlink_metadata(checkout).is_ok_and(|found| found.is_dir()) {
        return Err(ChangeError::Refused(vec![Refusal::CheckoutGone]));
    }
    let fresh = Fresh::open(git, base).await?;
    fresh
        .on(git, checkout, &["read-tree", &base.commit])
        .run()
        .await?;
    let status = [
        "status",
        "--porcelain=v1",
        "-z",
        "-uall",
        "--no-renames",
        "--ignore-submodules=none",
    ];
    let status = fresh.on(git, checkout, &status).run().await?;
    refuse(change::sizes(checkout, &change::paths(&status)))?;
    fresh
        .on(git, checkout, &["add", "--all", "--", "."])
        .run()
        .await?;
    let raw = [
        "diff-index",
        "--cached",
        "--raw",
        "-z",
        "--no-renames",
        "--no-abbrev",
        &base.commit,
    ];
    let entries = Entry::parse(&fresh.on(git, checkout, &raw).run().await?);
    if entries.is_empty() {
        return Err(ChangeError::Nothing);
    }
    refuse(change::refusals(&entries, checkout))?;
    let patch = [
        "diff-index",
        "--cached",
        "--patch",
        "--unified=0",
        "--text",
        "--no-renames",
        "--no-ext-diff",
        "--no-textconv",
        "--no-color",
        &base.commit,
    ];
    let patch = fresh.on(git, checkout, &patch).run().await;
    refuse(match &patch {
        Err(GitError::TooMuch) => vec![Refusal::TooLong],
        _ => Vec::new(),
    })?;
    refuse(change::contents(&patch?, secrets))?;
    let tree = fresh.on(git, checkout, &["write-tree"]).line().await?;
    let commit = commit(git, &fresh, base, &tree, signature).await?;
    Ok(fresh.seal(git, base, commit).await?)
}

fn refuse(refusals: Vec<Refusal>) -> Result<(), ChangeError> {
    if refusals.is_empty() {
        Ok(())
    } else {
        Err(ChangeError::Refused(refusals))
    }
}

async fn commit(
    git: &Git,
    fresh: &Fresh,
    base: &Base,
    tree: &str,
    signature: &Signature,
) -> Result<String, GitError> {
    let address = format!("{}@users.noreply.github.com", signature.login);
    let date = format!("@{} +0000", signature.at.as_second());
    fresh
        .call(
            git,
            git.home(),
            &["commit-tree", tree, "-p", &base.commit, "-F", "-"],
        )
        .variable("GIT_AUTHOR_NAME", &signature.login)
        .variable("GIT_AUTHOR_EMAIL", &address)
        .variable("GIT_AUTHOR_DATE", &date)
        .variable("GIT_COMMITTER_NAME", &signature.login)
        .variable("GIT_COMMITTER_EMAIL", &address)
        .variable("GIT_COMMITTER_DATE", &date)
        .input(Input::Bytes(signature.message.clone().into_bytes()))
        .line()
        .await
}
