//! The folder of one job: made fresh, and gone afterwards whatever happens.

use std::{
    fs::{self, DirBuilder, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
};

use data_encoding::HEXLOWER;
use domain::{Random, RunId};

/// The folder of one job.
///
/// ```text
/// checkout/   the clone the agent works in
/// agent/      what the agent is told and what it leaves: prompt.md, context.json, output/
/// home/       the agent's home
/// scratch/    the agent's temporary files
/// git-.../    git's own home, one for each time no program of the agent's runs, with a name it cannot guess
/// ```
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Makes the folder of a job of `run` under `parent`.
    pub(crate) fn create(parent: &Path, run: RunId, random: &dyn Random) -> io::Result<Self> {
        let root = parent.join(format!("{run}-{}", unique(random)));
        let made = Self { root };
        folder(&made.root)?;
        for part in [&made.agent(), &made.output(), &made.home(), &made.scratch()] {
            folder(part)?;
        }
        Ok(made)
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
        remove(&self.root);
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

/// Removes a folder with everything in it. Programs make folders that not even their owner may change;
/// those are opened first. Links are never followed.
pub(crate) fn remove(path: &Path) {
    if fs::remove_dir_all(path).is_ok() {
        return;
    }
    open(path);
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::error!(%error, "a job's folder cannot be removed");
        }
        _ => {}
    }
}

fn open(path: &Path) {
    let mut rest = vec![path.to_owned()];
    while let Some(folder) = rest.pop() {
        if fs::symlink_metadata(&folder).is_ok_and(|found| found.is_dir()) {
            // What cannot be opened cannot be removed either, and that is reported.
            let _refused = fs::set_permissions(&folder, Permissions::from_mode(0o700));
            let inside = fs::read_dir(&folder).into_iter().flatten().flatten();
            rest.extend(inside.map(|entry| entry.path()));
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::SeededRandom;
    use jiff::Timestamp;

    use super::*;

    fn workspace(parent: &Path, seed: u64) -> Workspace {
        let random = SeededRandom::new(seed);
        Workspace::create(parent, RunId::mint(Timestamp::UNIX_EPOCH, &random), &random).unwrap()
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
