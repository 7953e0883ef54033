//! The folder of one job: made fresh, and gone afterwards whatever happens.

use std::{
    fs::{self, DirBuilder, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, PermissionsExt, chown, lchown},
    path::{Path, PathBuf},
};

use data_encoding::HEXLOWER;
use domain::{Random, RunId};

use crate::{remove::remove, sandbox::Confinement};

/// Others may go through, and see nothing.
pub(crate) const PASSABLE: u32 = 0o711;

/// The folder of one job.
///
/// ```text
/// checkout/   the clone the agent works in
/// agent/      what the agent is told and may not change: prompt.md, context.json; and output/, what it leaves
/// home/       the agent's home
/// scratch/    the agent's temporary files
/// root/       empty; where namespaces put together what the agent sees
/// git-.../    git's own home, one for each time no program of the agent's runs, with a name it cannot guess
/// ```
///
/// Where the job has a user of its own, checkout, output, home and scratch are that user's. All else stays the
/// daemon's, so that nothing can be put in the place of something that the daemon goes through.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    confinement: Confinement,
}

impl Workspace {
    /// Makes the folder of a job of `run` under `parent`.
    pub(crate) fn create(
        parent: &Path,
        run: RunId,
        confinement: Confinement,
        random: &dyn Random,
    ) -> io::Result<Self> {
        let root = parent.join(format!("{run}-{}", unique(random)));
        Self::make(root, confinement)
    }

    /// Makes a folder in which it is tried whether jobs can run.
    pub(crate) fn probe(
        parent: &Path,
        confinement: Confinement,
        random: &dyn Random,
    ) -> io::Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(PASSABLE)
            .create(parent)?;
        let root = parent
            .canonicalize()?
            .join(format!("probe-{}", unique(random)));
        Self::make(root, confinement)
    }

    fn make(root: PathBuf, confinement: Confinement) -> io::Result<Self> {
        let made = Self { root, confinement };
        for part in [&made.root, &made.agent(), &made.mount_point()] {
            folder(part)?;
            if let Some(user) = made.confinement.user() {
                chown(part, None, Some(user.id()))?;
                fs::set_permissions(part, Permissions::from_mode(0o750))?;
            }
        }
        for part in [made.output(), made.home(), made.scratch()] {
            folder(&part)?;
            made.hand_over(&part)?;
        }
        Ok(made)
    }

    /// Makes what lies at `part` with all in it the job's own. Nothing of the job may run.
    pub(crate) fn hand_over(&self, part: &Path) -> io::Result<()> {
        let Some(user) = self.confinement.user() else {
            return Ok(());
        };
        let mut rest = vec![part.to_owned()];
        while let Some(path) = rest.pop() {
            lchown(&path, Some(user.id()), Some(user.id()))?;
            if fs::symlink_metadata(&path)?.is_dir() {
                for entry in fs::read_dir(&path)? {
                    rest.push(entry?.path());
                }
            }
        }
        Ok(())
    }

    /// Removes the folder with all that the job left in it.
    pub(crate) fn remove(&self) -> io::Result<()> {
        remove(&self.root)
    }

    /// What confines the job.
    pub(crate) fn confinement(&self) -> &Confinement {
        &self.confinement
    }

    /// An empty folder for a job's root to be put together in.
    pub(crate) fn mount_point(&self) -> PathBuf {
        self.root.join("root")
    }

    /// The whole folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The clone the agent works in.
    pub(crate) fn checkout(&self) -> PathBuf {
        self.root.join("checkout")
    }

    /// What the agent is told.
    pub(crate) fn agent(&self) -> PathBuf {
        self.root.join("agent")
    }

    /// What the agent leaves in words.
    pub(crate) fn output(&self) -> PathBuf {
        self.root.join("agent/output")
    }

    /// The agent's home.
    pub(crate) fn home(&self) -> PathBuf {
        self.root.join("home")
    }

    /// The agent's temporary files.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.root.join("scratch")
    }

    /// Makes a home for git that nobody has been in before.
    pub(crate) fn git_home(&self, random: &dyn Random) -> io::Result<PathBuf> {
        let home = self.root.join(format!("git-{}", unique(random)));
        folder(&home)?;
        Ok(home)
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        if let Err(error) = remove(&self.root) {
            tracing::error!(%error, "a job's folder cannot be removed");
        }
    }
}

fn unique(random: &dyn Random) -> String {
    let mut unique = [0_u8; 16];
    random.fill(&mut unique);
    HEXLOWER.encode(&unique)
}

fn folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

#[cfg(test)]
mod tests {
    use domain::SeededRandom;
    use jiff::Timestamp;

    use super::*;

    fn workspace(parent: &Path, seed: u64) -> Workspace {
        let random = SeededRandom::new(seed);
        let run = RunId::mint(Timestamp::UNIX_EPOCH, &random);
        Workspace::create(parent, run, Confinement::new(None), &random).unwrap()
    }

    #[test]
    fn nothing_is_left_even_of_locked_folders_and_links_lead_nowhere() {
        let parent = tempfile::tempdir().unwrap();
        let keep = parent.path().join("keep");
        fs::write(&keep, "kept").unwrap();
        let made = workspace(parent.path(), 1);
        let locked = made.scratch().join("locked/deeper");
        fs::create_dir_all(&locked).unwrap();
        std::os::unix::fs::symlink(parent.path(), made.home().join("out")).unwrap();
        fs::set_permissions(&locked, Permissions::from_mode(0o000)).unwrap();
        let root = made.root().to_owned();
        drop(made);
        assert!(!root.exists());
        assert!(keep.exists());
    }

    #[test]
    fn only_the_owner_may_look_inside() {
        let parent = tempfile::tempdir().unwrap();
        let made = workspace(parent.path(), 3);
        for path in [made.root().to_owned(), made.home(), made.output()] {
            assert_eq!(
                fs::metadata(path).unwrap().permissions().mode() & 0o777,
                0o700
            );
        }
    }
}
