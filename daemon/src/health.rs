//! Whether a daemon makes headway, for whoever has to replace one that does not.

use std::{
    collections::HashMap,
    ffi::OsString,
    fs::{self, File},
    io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use domain::{Clock, SystemClock};
use jiff::Timestamp;
use rustix::fs::{Timespec, Timestamps, UTIME_NOW, futimens};
use settings::SWITCHYARD_WORK_DIR;

use crate::settings::work_dir;

/// The word that makes the program look after a daemon instead of being one.
const HEALTH: &str = "health";
/// The file whose age says when a daemon was last seen to be well.
const FILE: &str = "heartbeat";
/// How often a daemon writes it.
const BEAT: Duration = Duration::from_secs(5);
/// How old it may be.
const OLDEST: Duration = Duration::from_mins(1);

/// Answers whether the daemon in the same container makes headway, if `arguments`, the program's own, ask for that:
/// with success or failure, as container health checks expect.
#[expect(
    clippy::implicit_hasher,
    reason = "a snapshot of the environment is nothing to tune"
)]
pub fn health(
    arguments: impl IntoIterator<Item = OsString>,
    variables: &HashMap<String, String>,
) -> Option<ExitCode> {
    (arguments.into_iter().nth(1)? == HEALTH).then(|| {
        let folder = SWITCHYARD_WORK_DIR.of(variables);
        let folder = folder.map_or_else(work_dir, PathBuf::from);
        if is_well(&folder, SystemClock.now()) {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    })
}

/// Notes in `folder` again and again that the daemon makes headway, as long as it does.
pub(crate) async fn beat(folder: PathBuf) {
    let mut heart = None;
    loop {
        if let Err(error) = note(&mut heart, &folder.join(FILE)) {
            tracing::warn!(%error, "the daemon's heartbeat cannot be written");
        }
        tokio::time::sleep(BEAT).await;
    }
}

/// Notes it in the file that is kept open, since there may be no descriptor for another. One that somebody removed is
/// made again.
fn note(heart: &mut Option<File>, path: &Path) -> io::Result<()> {
    let kept = heart.take().filter(is_linked);
    let file = match kept {
        Some(file) => file,
        None => File::create(path)?,
    };
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: UTIME_NOW,
    };
    let both = Timestamps {
        last_access: now,
        last_modification: now,
    };
    let noted = futimens(&file, &both);
    *heart = Some(file);
    Ok(noted?)
}

fn is_linked(file: &File) -> bool {
    file.metadata().is_ok_and(|about| about.nlink() > 0)
}

fn is_well(folder: &Path, now: Timestamp) -> bool {
    let written = fs::metadata(folder.join(FILE)).and_then(|about| about.modified());
    let written = written.ok().and_then(|at| Timestamp::try_from(at).ok());
    written.is_some_and(|at| now.duration_since(at) <= OLDEST.try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_daemon_is_well_as_long_as_it_says_so() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!is_well(folder.path(), SystemClock.now()));
        let beating = tokio::spawn(beat(folder.path().to_owned()));
        while !folder.path().join(FILE).exists() {
            tokio::task::yield_now().await;
        }
        beating.abort();
        let now = SystemClock.now();
        assert!(is_well(folder.path(), now));
        assert!(!is_well(folder.path(), now + Duration::from_secs(61)));
    }

    #[test]
    fn a_file_that_somebody_removed_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let (mut heart, path) = (None, folder.path().join(FILE));
        note(&mut heart, &path).unwrap();
        fs::remove_file(&path).unwrap();
        note(&mut heart, &path).unwrap();
        assert!(is_well(folder.path(), SystemClock.now()));
    }

    #[test]
    fn only_the_word_asks_for_it() {
        let ask = |words: &[&str]| {
            let words = words.iter().map(OsString::from);
            health(words.collect::<Vec<_>>(), &HashMap::new()).is_some()
        };
        assert!(ask(&["daemon", "health"]));
        assert!(!ask(&["daemon"]) && !ask(&["daemon", "other"]));
    }
}
