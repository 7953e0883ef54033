//! A fresh clone for an agent to work in.

use std::{
    fs, io,
    num::NonZeroU32,
    path::{Path, PathBuf},
};

use domain::{ItemKind, ItemNumber, Repository};
use secrecy::SecretString;

use super::{Git, GitError, Verdict};
use crate::workspace::Workspace;

/// How often more history is fetched to find where a pull request left the default branch; each time four times as much.
const DEEPENINGS: u32 = 3;
/// How much is fetched the first time.
const FIRST_DEEPENING: u32 = 1_000;

/// How much history an agent gets to see. Nothing is left out of the commits it gets: it has no credential with which
/// missing files could be fetched later, so clones are never partial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum History {
    /// All of it.
    Whole,
    /// So many of the newest commits, and more where a pull request needs them.
    Newest(NonZeroU32),
}

/// Cloning failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CloneError {
    /// The repository has no commit.
    #[error("the repository has no commit")]
    Empty,
    /// The default branch is not there.
    #[error("the default branch is not there")]
    BaseGone,
    /// The pull request's commit is not there.
    #[error("the commit that was decided on is not there")]
    RevisionGone,
    /// The files cannot be written as the repository has them.
    #[error("the files cannot be checked out: {0}")]
    Checkout(#[source] GitError),
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl From<io::Error> for CloneError {
    fn from(error: io::Error) -> Self {
        Self::Git(error.into())
    }
}

impl History {
    fn argument(self) -> Option<String> {
        match self {
            Self::Whole => None,
            Self::Newest(commits) => Some(format!("--depth={commits}")),
        }
    }
}

/// What to clone.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// The repository.
    pub(crate) repository: Repository,
    /// Issue or pull request: an issue is worked on from the default branch.
    pub(crate) kind: ItemKind,
    /// Its number.
    pub(crate) number: ItemNumber,
    /// The commit of a pull request that was decided on; none for what it is now.
    pub(crate) revision: Option<String>,
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

/// Clones `source` into the workspace's checkout, with the tags of the history that comes with it.
pub(crate) async fn clone(
    git: &Git,
    source: &Source,
    workspace: &Workspace,
    history: History,
    token: &SecretString,
) -> Result<Base, CloneError> {
    let checkout = workspace.checkout();
    // What an earlier try left half-done must not get in the way.
    match fs::remove_dir_all(&checkout) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let address = git.address(&source.path());
    let depth = history.argument();
    // Names of files must not get into what the provider says.
    let mut arguments = vec!["clone", "--quiet", "--no-checkout", "--single-branch"];
    arguments.extend(depth.as_deref());
    arguments.extend([
        "--no-recurse-submodules",
        "--template=",
        "--",
        &address,
        "checkout",
    ]);
    git.call(workspace.root(), &arguments)
        .token(token)
        .run()
        .await?;
    let cloned = Cloned {
        git,
        checkout: &checkout,
        address: &address,
        token,
    };
    let branch = cloned.branch().await?;
    if source.kind == ItemKind::PullRequest {
        cloned
            .pull_request(source, &branch, depth.as_deref())
            .await?;
    } else {
        cloned.check_out(&[]).await?;
    }
    let commit = cloned.commit("HEAD").await?;
    Ok(Base {
        branch,
        commit,
        shallow: fs::read(checkout.join(".git/shallow")).ok(),
        packs: set_aside(&checkout, git.home())?,
    })
}

/// A clone that no program of the agent's has seen yet.
struct Cloned<'a> {
    git: &'a Git,
    checkout: &'a Path,
    address: &'a str,
    token: &'a SecretString,
}

impl Cloned<'_> {
    /// The default branch, if there is one with a commit.
    async fn branch(&self) -> Result<String, CloneError> {
        if self.commit("HEAD").await.is_err() {
            let heads = ["ls-remote", "--heads", "--", self.address];
            let heads = self.git.call(self.checkout, &heads).token(self.token);
            return Err(if heads.run().await?.is_empty() {
                CloneError::Empty
            } else {
                CloneError::BaseGone
            });
        }
        let branch = ["symbolic-ref", "--short", "HEAD"];
        Ok(self.git.call(self.checkout, &branch).line().await?)
    }

    async fn commit(&self, name: &str) -> Result<String, GitError> {
        let name = format!("{name}^{{commit}}");
        let parse = ["rev-parse", "--verify", &name];
        self.git.call(self.checkout, &parse).line().await
    }

    /// Checks out the pull request's commit, with the history down to where it left `branch`.
    async fn pull_request(
        &self,
        source: &Source,
        branch: &str,
        depth: Option<&str>,
    ) -> Result<(), CloneError> {
        let head = format!("refs/pull/{}/head", source.number);
        let head = source.revision.as_deref().unwrap_or(&head);
        let mut fetch = vec!["fetch", "--quiet"];
        fetch.extend(depth);
        fetch.extend(["--", "origin", head]);
        let fetched = self.git.call(self.checkout, &fetch).token(self.token);
        fetched.run().await.map_err(|error| match error.verdict() {
            Verdict::Unknown => CloneError::RevisionGone,
            _ => error.into(),
        })?;
        self.check_out(&["--detach", "FETCH_HEAD"]).await?;
        let mut more = FIRST_DEEPENING;
        for _ in 0..DEEPENINGS {
            if !self.checkout.join(".git/shallow").exists() || self.meets(branch).await {
                break;
            }
            let deepen = format!("--deepen={more}");
            let deepen = ["fetch", "--quiet", &deepen, "--", "origin", branch, head];
            let deepened = self.git.call(self.checkout, &deepen).token(self.token);
            deepened.run().await?;
            more = more.saturating_mul(4);
        }
        Ok(())
    }

    /// Writes the files for the first time.
    async fn check_out(&self, what: &[&str]) -> Result<(), CloneError> {
        let checkout = [&["checkout", "--quiet", "--force"][..], what].concat();
        let written = self.git.call(self.checkout, &checkout).run().await;
        written.map(drop).map_err(CloneError::Checkout)
    }

    /// Whether the history goes down to a commit that HEAD and `branch` share.
    async fn meets(&self, branch: &str) -> bool {
        let branch = format!("refs/remotes/origin/{branch}");
        let base = ["merge-base", "HEAD", &branch];
        self.git.call(self.checkout, &base).run().await.is_ok()
    }
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
