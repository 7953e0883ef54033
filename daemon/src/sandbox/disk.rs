//! How much room a job takes on the disk.

use std::{
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use tokio::{task::spawn_blocking, time::sleep};

use super::{JobLimits, JobUser, Level, Sandbox};
use crate::{descriptors::used_up, workspace::Workspace};

/// How long between two looks, at least.
const INTERVAL: Duration = Duration::from_secs(2);
/// How many times longer than a look the time between two is.
const SHARE: u32 = 10;

impl Sandbox {
    /// Ends when the job of `workspace` takes more room than it may, or when that cannot be seen any more.
    pub(crate) async fn overfull(&self, workspace: &Workspace) {
        let limits = self.limits;
        loop {
            let root = workspace.root().to_owned();
            let user = workspace.confinement().user();
            let user = user.filter(|_| self.level == Level::Uid);
            let begun = Instant::now();
            let over = spawn_blocking(move || {
                let Ok(mut all) = elsewhere(user) else {
                    return true;
                };
                all.push(root);
                over(all, limits)
            })
            .await;
            if over.unwrap_or_default() {
                return;
            }
            sleep(INTERVAL.max(begun.elapsed() * SHARE)).await;
        }
    }
}

/// What `user` owns in places that users share. Fails if these cannot be looked through.
#[cfg(target_os = "linux")]
fn elsewhere(user: Option<JobUser>) -> io::Result<Vec<PathBuf>> {
    user.map_or(Ok(Vec::new()), super::shared::left_by)
}

#[cfg(not(target_os = "linux"))]
#[expect(
    clippy::unnecessary_wraps,
    reason = "there is something to fail on Linux"
)]
fn elsewhere(_user: Option<JobUser>) -> io::Result<Vec<PathBuf>> {
    Ok(Vec::new())
}

/// Whether `all` with what lies below is more than `limits` allow. It stops counting where it is.
fn over(all: Vec<PathBuf>, limits: JobLimits) -> bool {
    let (mut bytes, mut files) = (0_u64, 0_u64);
    let mut rest = all;
    while let Some(path) = rest.pop() {
        // It may be gone again.
        let Ok(about) = fs::symlink_metadata(&path) else {
            continue;
        };
        files += 1;
        bytes = bytes.saturating_add(about.blocks().saturating_mul(512));
        if files > limits.files || bytes > limits.disk_bytes {
            return true;
        }
        if about.is_dir() {
            if too_deep(&path) {
                return true;
            }
            // No more of them are held than there may be.
            let room = usize::try_from(limits.files).unwrap_or(usize::MAX);
            match fs::read_dir(&path) {
                Ok(inner) => rest.extend(inner.flatten().map(|entry| entry.path()).take(room)),
                // What nobody can count could be anything.
                Err(error) if used_up(&error) => return true,
                // It may be gone again.
                Err(_) => {}
            }
        }
    }
    false
}

/// Where the system takes no path any more, nothing could be counted; no program works so deep.
fn too_deep(folder: &Path) -> bool {
    const LONGEST: usize = 4_000;
    folder.as_os_str().len() > LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(disk_bytes: u64, files: u64) -> JobLimits {
        JobLimits {
            processes: 1,
            open_files: 1,
            disk_bytes,
            files,
        }
    }

    #[test]
    fn bytes_files_and_depth_are_limited_and_links_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().to_owned();
        fs::create_dir(at.join("inner")).unwrap();
        fs::write(at.join("inner/file"), vec![1; 256 * 1024]).unwrap();
        std::os::unix::fs::symlink("/usr", at.join("link")).unwrap();
        assert!(!over(vec![at.clone()], limits(1 << 20, 10)));
        assert!(over(vec![at.clone()], limits(128 * 1024, 10)));
        assert!(over(vec![at.clone()], limits(1 << 20, 2)));
        let mut deep = at.clone();
        while deep.as_os_str().len() <= 4_000 {
            deep.push("d".repeat(40));
            fs::create_dir(&deep).unwrap();
        }
        assert!(over(vec![at], limits(1 << 30, 1000)));
    }
}
