//! The folder of one daemon process, in which its jobs have theirs.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use data_encoding::HEXLOWER;
use domain::Random;
use rustix::fs::statvfs;

use crate::{process::Reaper, remove::remove, unfit::Unfit, workspace::PASSABLE};

const PREFIX: &str = "daemon-";
const LOCK: &str = "lock";
const TRIAL: &str = "trial";
/// The least room on the disk, in bytes, that a job may begin with.
const LEAST_ROOM: u64 = 64 * 1024 * 1024;

/// A folder that belongs to this process as long as it lives: the lock in it says so, and the system
/// lets go of it however the process ends. Several daemons may share the folder above.
#[derive(Debug)]
pub(crate) struct WorkRoot {
    root: PathBuf,
    _lock: File,
}

impl WorkRoot {
    /// Takes a fresh folder under `parent`, ends what killed daemons left running there and removes
    /// what they left lying.
    pub(crate) async fn take(parent: &Path, random: &dyn Random) -> io::Result<Self> {
        // Jobs that have users of their own go through to their folders, whose names they alone know.
        DirBuilder::new()
            .recursive(true)
            .mode(PASSABLE)
            .create(parent)?;
        let parent = parent.canonicalize()?;
        // Nobody judges whether a folder is in use while another is between making and locking its own.
        let gate = locked(file(&parent.join(LOCK))?).await?;
        for entry in fs::read_dir(&parent)?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(PREFIX) {
                clear(&entry.path()).await;
            }
        }
        let mut unique = [0_u8; 8];
        random.fill(&mut unique);
        let root = parent.join(format!("{PREFIX}{}", HEXLOWER.encode(&unique)));
        DirBuilder::new().mode(PASSABLE).create(&root)?;
        let lock = locked(file(&root.join(LOCK))?).await?;
        drop(gate);
        Ok(Self { root, _lock: lock })
    }

    /// Whether jobs can have folders here. What one job used up is free again when this is asked.
    pub(crate) fn check(&self) -> Result<(), Unfit> {
        let trial = self.root.join(TRIAL);
        fs::write(&trial, [0; 4096])?;
        fs::remove_file(&trial)?;
        let disk = statvfs(&self.root).map_err(io::Error::from)?;
        if disk.f_bavail.saturating_mul(disk.f_frsize) < LEAST_ROOM {
            return Err(Unfit::DiskFull);
        }
        Ok(())
    }

    /// Where the jobs' folders go.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }
}

impl Drop for WorkRoot {
    fn drop(&mut self) {
        discard(&self.root);
    }
}

fn discard(path: &Path) {
    if let Err(error) = remove(path) {
        tracing::error!(%error, "a daemon's folder cannot be removed");
    }
}

async fn clear(left: &Path) {
    let in_use = match file(&left.join(LOCK)) {
        Ok(lock) => lock.try_lock().is_err(),
        Err(_) => false,
    };
    if !in_use && Reaper::shared_process().sweep(left, None).await.is_ok() {
        discard(left);
    }
}

// Whoever holds the lock may be another daemon of this very process, which must be able to go on.
async fn locked(file: File) -> io::Result<File> {
    let wait = tokio::task::spawn_blocking(move || file.lock().map(|()| file));
    wait.await.map_err(io::Error::other)?
}

fn file(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
}

#[cfg(test)]
mod tests {
    use domain::SeededRandom;

    use super::*;

    #[tokio::test]
    async fn the_living_keep_their_folders_and_the_dead_do_not() {
        let parent = tempfile::tempdir().unwrap();
        let random = SeededRandom::new(1);
        let dead = parent.path().join("daemon-dead");
        fs::create_dir_all(dead.join("job/checkout")).unwrap();
        fs::write(parent.path().join("other"), "kept").unwrap();
        let first = WorkRoot::take(parent.path(), &random).await.unwrap();
        assert!(!dead.exists());
        let second = WorkRoot::take(parent.path(), &random).await.unwrap();
        assert!(first.root().exists() && second.root().exists());
        let gone = first.root().to_owned();
        drop(first);
        assert!(!gone.exists() && parent.path().join("other").exists());
    }
}
