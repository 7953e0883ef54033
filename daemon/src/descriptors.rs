//! The descriptors of this process: how many it may have, and what it means when there are no more.

use std::io;

use rustix::io::Errno;

/// Whether it failed because this process or the whole system has no descriptor left. What was asked for may be there
/// all the same.
pub(crate) fn used_up(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::MFILE | Errno::NFILE)
    )
}

#[cfg(target_os = "linux")]
mod limit {
    use std::sync::OnceLock;

    use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit, setrlimit};

    /// How many descriptors are enough for a daemon.
    const ENOUGH: u64 = 65_536;
    /// What this process was started with, which is one for the whole of it.
    static FORMER: OnceLock<Rlimit> = OnceLock::new();

    /// Lets this process have as many descriptors as it may, up to what is enough.
    pub(crate) fn raise() {
        let former = getrlimit(Resource::Nofile);
        let most = former.maximum.map_or(ENOUGH, |maximum| maximum.min(ENOUGH));
        if former.current.is_none_or(|current| current >= most) {
            return;
        }
        let raised = Rlimit {
            current: Some(most),
            maximum: former.maximum,
        };
        match setrlimit(Resource::Nofile, raised) {
            Ok(()) => drop(FORMER.set(former)),
            Err(error) => tracing::warn!(%error, "the daemon may not have more descriptors"),
        }
    }

    /// Lets a child that is a program of others have no more than this process was started with: some go through all
    /// that they may have.
    pub(crate) fn give_back(child: u32) {
        let child = i32::try_from(child).ok().and_then(Pid::from_raw);
        if let (Some(former), Some(child)) = (FORMER.get(), child) {
            // It may have ended.
            let _gone = prlimit(Some(child), Resource::Nofile, *former);
        }
    }
}

#[cfg(target_os = "linux")]
pub(crate) use limit::{give_back, raise};
