//! A fresh clone for an agent to work in.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use domain::{ItemKind, ItemNumber, Repository};
use secrecy::SecretString;

use super::{Git, GitError};
use crate::workspace::Workspace;

/// How many commits of history an agent gets to see.
const DEPTH: &str = "--depth=50";

/// What to clone.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// The repository.
    pub(crate) repository: Repository,
    /// Issue or pull request: an issue is worked on from the default branch.
    pub(crate) kind: ItemKind,
    /// Its number.
    pub(crate) number: ItemNumber,
}

/// Where the agent started from. The commit is known here, so that nothing the agent does to the clone
/// can move it.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    /// The default branch.
    pub(crate) branch: String,
    /// The commit the agent sees checked out.
    pub(crate) commit: String,
    /// Where the history was cut off, in git's own form.
    pub(crate) shallow: Option<Vec<u8>>,
    /// The clone's packs, linked out of the checkout. They are read again by content alone.
    pub(crate) packs: Vec<PathBuf>,
}

impl Source {
    /// The repository's path below the provider's address.
    pub(crate) fn path(&self) -> String {
        // A login may hold brackets, which an address may not; other characters need no escape.
        let owner = self
            .repository
            .owner
            .as_str()
            .replace('[', "%5B")
            .replace(']', "%5D");
        format!("{owner}/{}.git", self.repository.name)
    }
}

/// Clones `source` into the workspace's checkout.
pub(crate) async fn clone(
    git: &Git,
    source: &Source,
    workspace: &Workspace,
    token: &SecretString,
) -> Result<Base, GitError> {
    let checkout = workspace.checkout();
    // What an earlier try left half-done must not get in the way.
    match fs::remove_dir_all(&checkout) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let address = git.address(&source.path());
    let arguments = [
        "clone",
        "--quiet",
        DEPTH,
        "--single-branch",
        "--no-tags",
        "--no-recurse-submodules",
        "--template=",
        "--",
        &address,
        "checkout",
    ];
    git.call(workspace.root(), &arguments)
        .token(token)
        .run()
        .await?;
    let branch = git
        .call(&checkout, &["symbolic-ref", "--short", "HEAD"])
        .line()
        .await?;
    if source.kind == ItemKind::PullRequest {
        let head = format!("refs/pull/{}/head", source.number);
        let fetch = [
            "fetch",
            "--quiet",
            DEPTH,
            "--no-tags",
            "--",
            &address,
            &head,
        ];
        git.call(&checkout, &fetch).token(token).run().await?;
        git.call(
            &checkout,
            &["checkout", "--quiet", "--detach", "FETCH_HEAD"],
        )
        .run()
        .await?;
    }
    let commit = git
        .call(&checkout, &["rev-parse", "--verify", "HEAD^{commit}"])
        .line()
        .await?;
    Ok(Base {
        branch,
        commit,
        shallow: fs::read(checkout.join(".git/shallow")).ok(),
        packs: set_aside(&checkout, git.home())?,
    })
}

// A hard link costs nothing and outlives what the agent does to the checkout.
fn set_aside(checkout: &Path, into: &Path) -> io::Result<Vec<PathBuf>> {
    let mut packs = Vec::new();
    for entry in fs::read_dir(checkout.join(".git/objects/pack"))? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "pack")
        {
            let aside = into.join(format!("base-{}.pack", packs.len()));
            if fs::hard_link(&path, &aside).is_err() {
                fs::copy(&path, &aside)?;
            }
            packs.push(aside);
        }
    }
    Ok(packs)
}
