//! Ending what an agent leaves behind.

use std::{path::Path, time::Duration};

use rustix::process::{Pid, Signal, kill_process_group};

/// How often the process table is looked through before the rest is given up on.
const SWEEPS: u32 = 300;
const PAUSE: Duration = Duration::from_millis(10);

/// It cannot be proved that nothing of a job runs any more. A daemon that cannot tell must not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it cannot be proved that every process of the job has ended")]
pub(crate) struct NotEmpty;

/// Ends the processes that a job leaves behind where there is no sandbox. It proves nothing: a program that starts
/// others without pause can be missed.
///
/// A process group is not enough: agents start tools in sessions of their own. So a process that owns
/// itself collects orphans, and everything below it that is still there when an agent has ended is a
/// leftover. In a process shared with others only those leftovers are known that carry the job's folder
/// in their environment, work inside it, or descend from such a one.
#[derive(Clone, Copy, Debug)]
pub struct Reaper {
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "read on Linux only")
    )]
    alone: bool,
}

impl Reaper {
    /// For a process that does nothing but run one daemon. Makes orphans below it its own children, and
    /// keeps other processes of the same user from reading its memory and environment.
    pub fn own_process() -> Self {
        #[cfg(target_os = "linux")]
        {
            use rustix::process::{DumpableBehavior, getpid};
            // Both only fail on kernels too old to run this program; the job's folder still marks what is ours.
            let hidden = rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable);
            let parent = rustix::process::set_child_subreaper(Some(getpid()));
            if let Err(error) = hidden.and(parent) {
                tracing::warn!(%error, "cannot shield this process from the agents it runs");
            }
        }
        Self { alone: true }
    }

    /// For a process in which a daemon is only one part of several.
    pub fn shared_process() -> Self {
        Self { alone: false }
    }

    /// Ends everything that is seen to be left of the job whose folder is `job`, and of `group` if the agent had one.
    pub(crate) async fn sweep(self, job: &Path, group: Option<Group>) -> Result<(), NotEmpty> {
        for _ in 0..SWEEPS {
            if let Some(group) = &group {
                group.signal(Signal::KILL);
            }
            if self.strike(job) == 0 {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
        tracing::error!("some of what the agent left behind does not end");
        Err(NotEmpty)
    }

    #[cfg(not(target_os = "linux"))]
    #[expect(clippy::unused_self, reason = "used on Linux")]
    fn strike(self, _job: &Path) -> usize {
        0
    }

    /// Kills every leftover there is and says how many there were.
    #[cfg(target_os = "linux")]
    fn strike(self, job: &Path) -> usize {
        use rustix::process::{WaitOptions, getpid, kill_process, waitpid};

        use super::table;

        let me = getpid().as_raw_nonzero().get();
        let Ok(all) = table::processes() else {
            // There may be one that nobody sees.
            return 1;
        };
        if self.alone {
            for ended in all.iter().filter(|entry| entry.ended && entry.parent == me) {
                // An orphan that has ended is nobody's but ours to collect.
                let _status =
                    Pid::from_raw(ended.pid).map(|pid| waitpid(Some(pid), WaitOptions::NOHANG));
            }
        }
        let belongs = |entry: &table::Entry| {
            (self.alone && entry.parent == me) || table::belongs_to(entry.pid, job)
        };
        let left = leftovers(&all, me, belongs);
        for pid in left.iter().filter_map(|pid| Pid::from_raw(*pid)) {
            // It may have ended in between.
            let _gone = kill_process(pid, Signal::KILL);
        }
        left.len()
    }
}

/// The processes among `all` that belong and everything below them.
#[cfg(target_os = "linux")]
fn leftovers(
    all: &[super::table::Entry],
    me: i32,
    belongs: impl Fn(&super::table::Entry) -> bool,
) -> Vec<i32> {
    let running = || all.iter().filter(|entry| !entry.ended && entry.pid != me);
    let mut found: Vec<i32> = running()
        .filter(|entry| belongs(entry))
        .map(|entry| entry.pid)
        .collect();
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        let below = running()
            .filter(|entry| entry.parent == parent)
            .map(|entry| entry.pid);
        let below: Vec<i32> = below.filter(|pid| !found.contains(pid)).collect();
        found.extend(below);
        next += 1;
    }
    found
}

/// A process group that ends when this is dropped, so that no way out of a job leaves it running.
#[derive(Debug)]
pub(crate) struct Group(Pid);

impl Group {
    /// The group that a child leads which was started in a group of its own.
    pub(crate) fn led_by(child: &tokio::process::Child) -> Option<Self> {
        child.id().and_then(Self::of)
    }

    /// The group that the process with this number leads or will lead.
    pub(crate) fn of(leader: u32) -> Option<Self> {
        i32::try_from(leader).ok().and_then(Pid::from_raw).map(Self)
    }

    /// Sends `signal` to every process in the group.
    pub(crate) fn signal(&self, signal: Signal) {
        // The group may have ended in between.
        let _gone = kill_process_group(self.0, signal);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::process::table::Entry;

    fn entry(pid: i32, parent: i32) -> Entry {
        Entry {
            pid,
            parent,
            group: pid,
            ended: false,
        }
    }

    #[test]
    fn everything_below_a_leftover_is_one() {
        let all = [
            entry(1, 0),
            entry(9, 1),
            entry(10, 9),
            entry(11, 10),
            entry(12, 9),
            entry(13, 11),
        ];
        assert_eq!(leftovers(&all, 9, |entry| entry.pid == 10), [10, 11, 13]);
        assert_eq!(
            leftovers(&all, 9, |entry| entry.parent == 9),
            [10, 12, 11, 13]
        );
        assert!(leftovers(&all, 9, |entry| entry.pid == 9).is_empty());
    }
}
