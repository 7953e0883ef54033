//! Places that users share, where what one job leaves could be another's.

use std::{
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use tokio::process::Command;

use super::JobUser;
use crate::{descriptors::used_up, remove::remove};

/// Where anybody may make files.
const PLACES: [&str; 6] = [
    "/tmp",
    "/var/tmp",
    "/dev/shm",
    "/dev/mqueue",
    "/run/lock",
    "/var/lock",
];
/// How many folders of others are gone through at most, more than any one job can make.
const MOST: u32 = 4_000_000;
/// The lists of System V IPC, with the name of its first column and the flag that `ipcrm` has for each.
const OBJECTS: [(&str, &str, &str); 3] = [
    ("shm", "shmid", "-m"),
    ("msg", "msqid", "-q"),
    ("sem", "semid", "-s"),
];

/// Removes everything that `users` own in shared places, and fails if something stays. None of them may have a
/// process.
pub(super) async fn wipe(users: &[JobUser]) -> io::Result<()> {
    let ids: Vec<u32> = users.iter().map(|user| user.id()).collect();
    for (list, id, flag) in OBJECTS {
        for object in objects(list, id, &ids) {
            let removed = Command::new("ipcrm").args([flag, &object]).status().await;
            removed.map_err(|error| io::Error::new(error.kind(), format!("ipcrm: {error}")))?;
        }
        if !objects(list, id, &ids).is_empty() {
            return Err(io::Error::other("System V IPC objects stay"));
        }
    }
    let gone = tokio::task::spawn_blocking(move || wipe_files(&ids));
    gone.await.map_err(io::Error::other)?
}

/// What `user` owns in shared places: files, and folders with all that lies below. Fails if a place cannot be looked
/// through to its end.
pub(super) fn left_by(user: JobUser) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for place in PLACES {
        found.extend(owned(Path::new(place), &[user.id()])?);
    }
    Ok(found)
}

fn wipe_files(ids: &[u32]) -> io::Result<()> {
    for place in PLACES {
        for path in owned(Path::new(place), ids)? {
            remove(&path)?;
        }
    }
    Ok(())
}

/// What one of `ids` owns in `place` and in all folders below that others may go through, however deep. A job's own
/// folder is closed to others, and goes with the job.
fn owned(place: &Path, ids: &[u32]) -> io::Result<Vec<PathBuf>> {
    let Ok(top) = fs::symlink_metadata(place) else {
        return Ok(Vec::new());
    };
    let (mut found, mut rest, mut seen) = (Vec::new(), vec![place.to_owned()], 0);
    while let Some(folder) = rest.pop() {
        seen += 1;
        if seen > MOST {
            return Err(io::Error::other(
                "there are too many folders in shared places",
            ));
        }
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if used_up(&error) => return Err(error),
            // It may be gone again.
            Err(_) => continue,
        };
        for entry in entries.flatten() {
            let Ok(about) = entry.metadata() else {
                continue;
            };
            if ids.contains(&about.uid()) {
                found.push(entry.path());
            } else if is_open(&about, top.dev()) {
                rest.push(entry.path());
            }
        }
    }
    Ok(found)
}

/// Whether others may go through a folder to what lies below. What is mounted there counts only if they may make files
/// in it at once.
fn is_open(about: &fs::Metadata, device: u64) -> bool {
    let others = about.mode() & 0o003;
    about.is_dir() && (others == 0o003 || others == 0o001 && about.dev() == device)
}

/// The numbers of the objects in one of the system's lists that one of `ids` owns or made.
fn objects(list: &str, id: &str, ids: &[u32]) -> Vec<String> {
    let text = fs::read_to_string(Path::new("/proc/sysvipc").join(list)).unwrap_or_default();
    let mut lines = text.lines();
    let names: Vec<&str> = lines
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let at = |name| names.iter().position(|found| *found == name);
    let (Some(id), Some(uid), Some(cuid)) = (at(id), at("uid"), at("cuid")) else {
        return Vec::new();
    };
    lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|fields| {
            let is = |at: usize| fields.get(at).and_then(|field| field.parse().ok());
            [uid, cuid]
                .into_iter()
                .filter_map(is)
                .any(|owner| ids.contains(&owner))
        })
        .filter_map(|fields| fields.get(id).map(|id| (*id).to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, chown};

    use super::*;

    #[test]
    fn what_lies_below_folders_of_others_is_found() {
        let place = tempfile::tempdir().unwrap();
        let make = |path: &str, mode| {
            let path = place.path().join(path);
            fs::create_dir(&path).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        make("others", 0o755);
        make("others/open", 0o777);
        make("others/open/deeper", 0o711);
        make("closed", 0o750);
        for folder in ["others/open", "others/open/deeper", "closed"] {
            fs::write(place.path().join(folder).join("file"), "").unwrap();
        }
        let (one, other) = (3_000_000_001, 3_000_000_002);
        for (file, user) in [
            ("others/open/file", one),
            ("others/open/deeper/file", other),
            ("closed/file", one),
        ] {
            // Only root can give files to others.
            if chown(place.path().join(file), Some(user), None).is_err() {
                return;
            }
        }
        let at = |file: &str| place.path().join(file);
        let mut found = owned(place.path(), &[one, other]).unwrap();
        found.sort();
        let expected = [at("others/open/deeper/file"), at("others/open/file")];
        assert_eq!(found, expected);
        let found = owned(place.path(), &[one]).unwrap();
        assert_eq!(found, [at("others/open/file")]);
    }
}
