//! Putting a change onto what its branch has become meanwhile.

use std::{fs, io, path::PathBuf};

use domain::ItemKind;
use secrecy::SecretString;

use super::{
    Base, ChangeError, Fresh, Git, GitError, Signature, Source, Taken, change::commit,
    taking::Taking,
};

/// A change could not be put onto its branch as it is now.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MoveError {
    /// The branch is where it was.
    #[error("the branch has not moved")]
    Same,
    /// Somebody else changed the same, or the change was made on something else than the branch.
    #[error("the change does not fit onto the branch as it is now")]
    Unfitting,
    /// What is left of the change may not be made.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl From<io::Error> for MoveError {
    fn from(error: io::Error) -> Self {
        Self::Git(error.into())
    }
}

/// The same change on the newest commit of the branch that `base` is of, and that commit as its base.
pub(crate) async fn onto_newest(
    git: &Git,
    (base, change): (&Base, &Taken),
    source: &Source,
    signature: &Signature<'_>,
    token: &SecretString,
) -> Result<(Base, Taken), MoveError> {
    if source.kind != ItemKind::Issue {
        return Err(MoveError::Unfitting);
    }
    let fresh = change.sealed.open(git, base).await?;
    let newest = fetch(git, &fresh, base, source, token).await?;
    if newest == base.commit {
        return Err(MoveError::Same);
    }
    let tree = merged(git, &fresh, base, &newest, &change.sealed.commit).await?;
    let newest = Base {
        branch: base.branch.clone(),
        commit: newest,
        shallow: fs::read(fresh.path().join("shallow")).ok(),
        packs: set_aside(git, &fresh)?,
    };
    let taking = Taking {
        git,
        fresh: &fresh,
        base: &newest,
        checkout: git.home(),
    };
    let index = taking.index("merged");
    index.load(&tree).await?;
    let left_out = change.left_out.clone();
    // A link may lead elsewhere among other files.
    let made = taking.settle(index.changes().await?, left_out, &[]);
    let made = made.await?;
    let commit = commit(git, &fresh, &newest, &made.tree, signature).await?;
    let sealed = fresh.seal(git, &newest, commit).await?;
    let moved = Taken {
        sealed,
        left_out: made.left_out,
        excess: change.excess.clone(),
    };
    Ok((newest, moved))
}

/// Fetches the branch, and says which commit it is at.
async fn fetch(
    git: &Git,
    fresh: &Fresh,
    base: &Base,
    source: &Source,
    token: &SecretString,
) -> Result<String, GitError> {
    let address = git.address(&source.path());
    let branch = format!("refs/heads/{}", base.branch);
    // Without a limit all that lies behind a merge would come, where the history was cut off before it.
    let depth = base.shallow.is_some().then_some("--depth=1");
    let mut fetch = vec!["fetch", "--quiet", "--no-tags"];
    fetch.extend(depth);
    fetch.extend(["--", &address, &branch]);
    let fetch = fresh.call(git, git.home(), &fetch);
    fetch.token(token).run().await?;
    let name = ["rev-parse", "--verify", "FETCH_HEAD^{commit}"];
    fresh.call(git, git.home(), &name).line().await
}

/// The tree of `newest` with what `commit` changed of the base.
async fn merged(
    git: &Git,
    fresh: &Fresh,
    base: &Base,
    newest: &str,
    commit: &str,
) -> Result<String, MoveError> {
    let from = format!("--merge-base={}", base.commit);
    let merge = ["merge-tree", "--write-tree", &from, newest, commit];
    let merged = fresh.call(git, git.home(), &merge).line().await;
    merged.map_err(|error| match error {
        GitError::Failed { code: 1, .. } => MoveError::Unfitting,
        error => error.into(),
    })
}

/// Links the packs out of a repository that is removed in a moment.
fn set_aside(git: &Git, fresh: &Fresh) -> io::Result<Vec<PathBuf>> {
    let folder = git.home().join("newest");
    fs::create_dir_all(&folder)?;
    let mut packs = Vec::new();
    for entry in fs::read_dir(fresh.path().join("objects/pack"))? {
        let entry = entry?;
        let aside = folder.join(entry.file_name());
        if aside.extension().is_some_and(|kind| kind == "pack") {
            if !aside.exists() {
                fs::hard_link(entry.path(), &aside)?;
            }
            packs.push(aside);
        }
    }
    Ok(packs)
}
