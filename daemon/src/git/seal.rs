//! Repositories made afresh, so that none holds a setting, hook or object that an agent slipped in.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    Base, Git, GitError,
    program::{Call, Input},
};

/// A repository that holds the base and nothing else. It must only exist while no untrusted program
/// runs: [`Sealed`] carries a commit over the time in between.
#[derive(Debug)]
pub(crate) struct Fresh {
    path: PathBuf,
}

/// A commit as bytes in memory, where no program of the agent's reaches it.
#[derive(Debug)]
pub(crate) struct Sealed {
    /// The commit's name.
    pub(crate) commit: String,
    pack: Vec<u8>,
}

impl Fresh {
    /// Makes a repository that holds `base`. Git names every object by what it reads in the packs, so one
    /// that was tampered with is not found under its old name.
    pub(crate) async fn open(git: &Git, base: &Base) -> Result<Self, GitError> {
        let fresh = Self {
            path: git.home().join("fresh.git"),
        };
        let format = if base.commit.len() == 64 {
            "sha256"
        } else {
            "sha1"
        };
        let format = format!("--object-format={format}");
        let init = [
            "init",
            "--quiet",
            "--bare",
            "--template=",
            &format,
            "fresh.git",
        ];
        git.call(git.home(), &init).run().await?;
        for pack in &base.packs {
            let index = fresh.call(git, git.home(), &["index-pack", "--stdin"]);
            index.input(Input::File(pack.clone())).run().await?;
        }
        if let Some(shallow) = &base.shallow {
            fs::write(fresh.path.join("shallow"), shallow)?;
        }
        let tree = format!("{}^{{tree}}", base.commit);
        fresh
            .call(git, git.home(), &["cat-file", "-e", &tree])
            .run()
            .await?;
        let head = ["update-ref", "--no-deref", "HEAD", &base.commit];
        fresh.call(git, git.home(), &head).run().await?;
        Ok(fresh)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A call on this repository in `folder`.
    pub(crate) fn call<'a>(&self, git: &'a Git, folder: &Path, arguments: &[&str]) -> Call<'a> {
        git.call(folder, arguments).variable("GIT_DIR", &self.path)
    }

    /// A call on this repository with the files in `checkout`.
    pub(crate) fn on<'a>(&self, git: &'a Git, checkout: &Path, arguments: &[&str]) -> Call<'a> {
        self.call(git, checkout, arguments)
            .variable("GIT_WORK_TREE", checkout)
    }

    /// Takes `commit` into memory and removes the repository.
    pub(crate) async fn seal(
        self,
        git: &Git,
        base: &Base,
        commit: String,
    ) -> Result<Sealed, GitError> {
        let wanted = format!("{commit}\n^{}\n", base.commit);
        let pack = ["pack-objects", "--quiet", "--revs", "--thin", "--stdout"];
        let pack = self
            .call(git, git.home(), &pack)
            .input(Input::Bytes(wanted.into_bytes()));
        Ok(Sealed {
            commit,
            pack: pack.run().await?,
        })
    }
}

impl Sealed {
    /// Makes a repository that holds the base and this commit.
    pub(crate) async fn open(&self, git: &Git, base: &Base) -> Result<Fresh, GitError> {
        let fresh = Fresh::open(git, base).await?;
        let index = fresh.call(git, git.home(), &["index-pack", "--stdin", "--fix-thin"]);
        index.input(Input::Bytes(self.pack.clone())).run().await?;
        fresh
            .call(
                git,
                git.home(),
                &["cat-file", "-e", &format!("{}^{{tree}}", self.commit)],
            )
            .run()
            .await?;
        Ok(fresh)
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::warn!(%error, "a fresh repository cannot be removed yet");
        }
    }
}
