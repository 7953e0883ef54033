//! Where jobs have their folders: a private one outside of the state, which goes with the stack.

use std::{
    fs::{self, DirBuilder, File},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use data_encoding::HEXLOWER;
use domain::Random;
use rustix::process::geteuid;

const PREFIX: &str = "switchyard-work-";
/// Held by the stack that made the folder, for as long as it lives.
const LOCK: &str = "lock";
const JOBS: &str = "jobs";

/// A folder for the daemons of one stack. It is removed when this is dropped; one that a killed stack left
/// behind is removed by the next.
#[derive(Debug)]
pub(crate) struct WorkFolder {
    path: PathBuf,
    _lock: File,
}

impl WorkFolder {
    /// A new folder in `parent`, which is where the system keeps what is temporary.
    pub(crate) fn make(parent: &Path, random: &dyn Random) -> io::Result<Self> {
        remove_stale(parent);
        let mut unique = [0; 8];
        random.fill(&mut unique);
        let path = parent.join(format!("{PREFIX}{}", HEXLOWER.encode(&unique)));
        // Where jobs have users of their own, which only root can give them, they pass through it.
        let mode = if geteuid().is_root() { 0o711 } else { 0o700 };
        DirBuilder::new().mode(mode).create(&path)?;
        DirBuilder::new().mode(mode).create(path.join(JOBS))?;
        let lock = File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path.join(LOCK))?;
        lock.lock()?;
        Ok(Self { path, _lock: lock })
    }

    /// Where daemons make the folders of jobs.
    pub(crate) fn jobs(&self) -> PathBuf {
        self.path.join(JOBS)
    }
}

impl Drop for WorkFolder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::warn!(%error, "the folder of jobs is left behind");
        }
    }
}

/// Removes the folders of this user whose stacks are gone.
fn remove_stale(parent: &Path) {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    for entry in entries {
        let named = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if named && is_stale(&entry.path()) {
            // What cannot be removed now is tried again by the next start.
            let _removed = fs::remove_dir_all(entry.path());
        }
    }
}

/// Only a true folder of this user's counts: a link or a stranger's folder with the right name is a trap.
fn is_stale(path: &Path) -> bool {
    let own = path
        .symlink_metadata()
        .is_ok_and(|found| found.is_dir() && found.uid() == geteuid().as_raw());
    own && File::open(path.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use domain::SystemRandom;

    use super::*;

    fn made(parent: &Path) -> WorkFolder {
        WorkFolder::make(parent, &SystemRandom).unwrap()
    }

    #[test]
    fn it_is_private_and_goes_with_its_stack() {
        let parent = tempfile::tempdir().unwrap();
        let folder = made(parent.path());
        let mode = folder.path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o066, 0, "nobody else may list or write it");
        fs::write(folder.jobs().join("left"), "x").unwrap();
        drop(folder);
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_a_killed_stack_left_is_removed_and_what_another_uses_is_not() {
        let parent = tempfile::tempdir().unwrap();
        let living = made(parent.path());
        let dead = parent.path().join("switchyard-work-dead");
        fs::create_dir(&dead).unwrap();
        fs::write(dead.join(LOCK), "").unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        fs::write(elsewhere.path().join(LOCK), "").unwrap();
        symlink(elsewhere.path(), parent.path().join("switchyard-work-trap")).unwrap();
        let newest = made(parent.path());
        assert!(living.jobs().is_dir() && newest.jobs().is_dir());
        assert!(!dead.exists());
        assert!(elsewhere.path().join(LOCK).exists());
    }
}
