//! Places that users share, where what one job leaves could be another's.

use std::{
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use tokio::process::Command;

use super::JobUser;
use crate::remove::remove;

/// Where anybody may make files.
const PLACES: [&str; 6] = [
    "/tmp",
    "/var/tmp",
    "/dev/shm",
    "/dev/mqueue",
    "/run/lock",
    "/var/lock",
];
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

/// What `user` owns in shared places: files, and folders with all that lies below.
pub(super) fn left_by(user: JobUser) -> Vec<PathBuf> {
    let places = PLACES.iter().map(Path::new);
    places
        .flat_map(|place| owned(place, &[user.id()]))
        .collect()
}

fn wipe_files(ids: &[u32]) -> io::Result<()> {
    for place in PLACES {
        for path in owned(Path::new(place), ids) {
            remove(&path)?;
        }
    }
    Ok(())
}

/// What one of `ids` owns in `place`, and in folders there that anybody may write to.
fn owned(place: &Path, ids: &[u32]) -> Vec<PathBuf> {
    let (mut found, mut rest) = (Vec::new(), vec![place.to_owned()]);
    while let Some(folder) = rest.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(about) = entry.metadata() else {
                continue;
            };
            if ids.contains(&about.uid()) {
                found.push(entry.path());
            } else if about.is_dir() && about.mode() & 0o002 != 0 {
                rest.push(entry.path());
            }
        }
    }
    found
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
