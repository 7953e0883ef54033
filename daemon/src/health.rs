//! Whether a daemon makes headway, for whoever has to replace one that does not.

use std::{
    collections::HashMap,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use domain::{Clock, SystemClock};
use jiff::Timestamp;

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
        let folder = variables
            .get("SWITCHYARD_WORK_DIR")
            .filter(|path| !path.is_empty())
            .map_or_else(work_dir, PathBuf::from);
        if is_well(&folder, SystemClock.now()) {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    })
}

/// Notes in `folder` again and again that the daemon makes headway, as long as it does.
pub(crate) async fn beat(folder: PathBuf) {
    loop {
        if let Err(error) = fs::write(folder.join(FILE), []) {
            tracing::warn!(%error, "the daemon's heartbeat cannot be written");
        }
        tokio::time::sleep(BEAT).await;
    }
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
    fn only_the_word_asks_for_it() {
        let ask = |words: &[&str]| {
            let words = words.iter().map(OsString::from);
            health(words.collect::<Vec<_>>(), &HashMap::new()).is_some()
        };
        assert!(ask(&["daemon", "health"]));
        assert!(!ask(&["daemon"]) && !ask(&["daemon", "other"]));
    }
}
