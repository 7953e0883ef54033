//! What an agent changed, as a commit.

use std::{fs, path::Path};

use jiff::Timestamp;
use secrecy::SecretString;

use super::{
    Base, Bot, Fresh, Git, GitError, Sealed, change_error::ChangeError, moved, program::Input,
    taking::Taking,
};
use crate::change::{Name, Refusal};

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
    /// Why it is too much to be proposed, although it can be kept.
    pub(crate) excess: Option<Refusal>,
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
    let made = taking.tree(secrets).await?;
    let commit = commit(git, &fresh, base, &made.tree, signature).await?;
    let sealed = fresh.seal(git, base, commit).await?;
    Ok(Taken {
        sealed,
        left_out: made.left_out,
        excess: made.excess,
    })
}

/// The same change without what `refusals` name. It is made of the commit alone, so that nothing that was done to the
/// checkout since gets into it.
pub(crate) async fn leave_out(
    git: &Git,
    base: &Base,
    taken: &Taken,
    refusals: &[Refusal],
    signature: &Signature<'_>,
) -> Result<Taken, ChangeError> {
    let fresh = taken.sealed.open(git, base).await?;
    let taking = Taking {
        git,
        fresh: &fresh,
        base,
        checkout: git.home(),
    };
    let index = taking.index("sealed");
    index.load(&taken.sealed.commit).await?;
    let mut entries = index.changes().await?;
    let before = entries.len();
    // The provider told names as text.
    let named = |path: &Name, refusal: &Refusal| {
        let told = refusal.path().map(Name::to_string);
        told == Some(path.to_string())
    };
    moved::take_out(&mut entries, |path| {
        refusals.iter().any(|refusal| named(path, refusal))
    });
    if entries.len() == before {
        return Err(ChangeError::Elsewhere(refusals.to_vec()));
    }
    let left_out = [taken.left_out.as_slice(), refusals].concat();
    let made = taking.settle(entries, left_out, &[]).await?;
    let commit = commit(git, &fresh, base, &made.tree, signature).await?;
    let sealed = fresh.seal(git, base, commit).await?;
    Ok(Taken {
        sealed,
        left_out: made.left_out,
        excess: taken.excess.clone(),
    })
}

/// Makes a commit of `tree` on `base`, and gives back its name.
pub(super) async fn commit(
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
