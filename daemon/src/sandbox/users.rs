//! The users that jobs run as.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    ops::RangeInclusive,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
};

use super::plan::JobUser;
use crate::workspace::PASSABLE;

/// How many users one daemon has: the first kills, the others are for its jobs in turn.
const SHARE: u32 = 64;
/// Where daemons see which users are taken.
const FOLDER: &str = "/run/switchyard";
/// The folder for that beside those of daemons, where the usual one cannot be written.
const BESIDE: &str = "users";

/// A daemon's share of the users that the operator set aside for jobs. No other daemon on this machine has the same
/// as long as this exists.
#[derive(Debug)]
pub(super) struct Users {
    first: u32,
    next: AtomicU32,
    /// Locked, which only one process can have; the system lets go of it however the process ends.
    _share: File,
}

impl Users {
    /// Takes the first free share of `range`. Where the system's own folder cannot be written, only daemons with the same
    /// `work_dir` see what others have.
    pub(super) fn take(range: &RangeInclusive<u32>, work_dir: &Path) -> io::Result<Self> {
        let taken = Self::take_seen_in(Path::new(FOLDER), range);
        let closed = [io::ErrorKind::ReadOnlyFilesystem, io::ErrorKind::NotFound];
        match taken {
            Err(error) if closed.contains(&error.kind()) => {
                let mut parent = DirBuilder::new();
                parent.recursive(true).mode(PASSABLE).create(work_dir)?;
                Self::take_seen_in(&work_dir.join(BESIDE), range)
            }
            taken => taken,
        }
    }

    fn take_seen_in(folder: &Path, range: &RangeInclusive<u32>) -> io::Result<Self> {
        close(folder)?;
        let mut first = *range.start();
        while first.saturating_add(SHARE - 1) <= *range.end() {
            if let Some(share) = claim(folder, first)? {
                let next = AtomicU32::new(0);
                return Ok(Self {
                    first,
                    next,
                    _share: share,
                });
            }
            first += SHARE;
        }
        Err(io::Error::other(
            "every user that is set aside for jobs is in use",
        ))
    }

    /// The user that kills, and that no job ever has.
    pub(super) fn killer(&self) -> u32 {
        self.first
    }

    /// The user of the next job.
    pub(super) fn next(&self) -> JobUser {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % (SHARE - 1);
        JobUser::new(self.first + 1 + turn)
    }

    /// Every user that a job of this daemon can have.
    pub(super) fn all(&self) -> impl Iterator<Item = JobUser> {
        (self.first + 1..self.first + SHARE).map(JobUser::new)
    }
}

/// Sees that `folder` is there and that nobody else can get into it: whoever opened a file there could lock it.
fn close(folder: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let about = fs::symlink_metadata(folder)?;
    let own = about.uid() == rustix::process::geteuid().as_raw();
    if about.is_dir() && own && about.mode() & 0o777 == 0o700 {
        return Ok(());
    }
    let folder = folder.display();
    let reason =
        format!("{folder} must be a folder that its owner, the daemon's user, alone may use");
    Err(io::Error::other(reason))
}

// No file here is ever removed: two daemons could lock two of the same name.
fn claim(folder: &Path, first: u32) -> io::Result<Option<File>> {
    let share = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(folder.join(format!("users-{first}")))?;
    match share.try_lock() {
        Ok(()) => Ok(Some(share)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs::Permissions, os::unix::fs::PermissionsExt as _};

    use super::*;

    fn closed() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).unwrap();
        folder
    }

    #[test]
    fn no_two_daemons_and_no_two_jobs_in_a_row_have_the_same_user() {
        let folder = closed();
        let take = || Users::take_seen_in(folder.path(), &(3_000_000_000..=3_000_000_191));
        let (one, two) = (take().unwrap(), take().unwrap());
        assert_ne!(one.killer(), two.killer());
        let users: std::collections::HashSet<_> = (0..63).map(|_| one.next().id()).collect();
        assert_eq!(users.len(), 63);
        assert!(!users.contains(&one.killer()));
        assert!(two.all().all(|user| !users.contains(&user.id())));
        let third = take().unwrap();
        assert!(take().is_err());
        drop(third);
        assert!(take().is_ok());
    }

    #[test]
    fn a_folder_that_others_may_use_is_none() {
        let range = 3_000_000_000..=3_000_000_063;
        let folder = closed();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o711)).unwrap();
        assert!(Users::take_seen_in(folder.path(), &range).is_err());
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(closed().path(), &link).unwrap();
        assert!(Users::take_seen_in(&link, &range).is_err());
        let made = folder.path().join("made");
        let users = Users::take_seen_in(&made, &range).unwrap();
        assert_eq!(fs::metadata(made).unwrap().mode() & 0o777, 0o700);
        drop(users);
    }
}
