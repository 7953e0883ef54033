//! Folders and files that only their owner may look into.

use std::{
    fs::{self, DirBuilder, File, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use tempfile::TempDir;

const FOLDER: u32 = 0o700;
const FILE: u32 = 0o600;

/// Makes a folder of the state, or closes one that an earlier start left open to others.
pub(crate) fn folder(path: &Path) -> io::Result<()> {
    make(path)?;
    fs::set_permissions(path, Permissions::from_mode(FOLDER))
}

/// Makes the folder of all state. One that was there is the user's own, and its rights are left as they are.
pub(crate) fn make(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER).create(path)
}

/// A folder that goes when it is dropped.
pub(crate) fn temporary() -> io::Result<TempDir> {
    let rights = Permissions::from_mode(FOLDER);
    tempfile::Builder::new().permissions(rights).tempdir()
}

/// Opens a file for appending; made if it is not there.
pub(crate) fn log(path: &Path) -> io::Result<File> {
    File::options()
        .create(true)
        .append(true)
        .mode(FILE)
        .open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_is_made_is_its_owners_alone() {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join("a/state");
        make(&state).unwrap();
        folder(&state.join("log")).unwrap();
        log(&state.join("log/daemon.jsonl")).unwrap();
        assert_eq!(rights(&state), 0o700);
        assert_eq!(rights(temporary().unwrap().path()), 0o700);
        assert_eq!(rights(&state.join("log")), 0o700);
        assert_eq!(rights(&state.join("log/daemon.jsonl")), 0o600);
    }

    #[test]
    fn a_folder_of_an_earlier_start_is_closed_and_the_users_own_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let (own, log) = (home.path().join("own"), home.path().join("own/log"));
        fs::create_dir_all(&log).unwrap();
        for path in [&own, &log] {
            fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
        }
        make(&own).unwrap();
        folder(&log).unwrap();
        assert_eq!((rights(&own), rights(&log)), (0o755, 0o700));
    }
}
