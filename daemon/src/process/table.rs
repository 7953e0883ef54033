//! The process table, as Linux shows it under `/proc`.

use std::{
    fs::File,
    io::{self, Read},
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use crate::descriptors::used_up;

/// The most bytes of a process's environment that are looked at; the kernel allows more for arguments
/// and environment together, but what an agent is started with is far smaller.
const ENVIRONMENT_LIMIT: u64 = 256 * 1024;

/// One process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its number.
    pub(super) pid: i32,
    /// Its parent's number.
    pub(super) parent: i32,
    /// The number of its process group.
    pub(super) group: i32,
    /// Whether it has ended, with all its threads, and only waits to be collected.
    pub(super) ended: bool,
}

/// Every process there is; those that end while looking are left out. Fails if the table cannot be read.
pub(super) fn processes() -> io::Result<Vec<Entry>> {
    let all = std::fs::read_dir("/proc")?.flatten();
    let all = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let all = all.filter_map(|pid: i32| {
        let stat = match seen(std::fs::read(format!("/proc/{pid}/stat"))) {
            Ok(stat) => stat?,
            Err(error) => return Some(Err(error)),
        };
        let entry = parse(pid, &String::from_utf8_lossy(&stat))?;
        // A first thread may have ended while others run.
        let ended = entry.ended && threads(pid) <= 1;
        Some(Ok(Entry { ended, ..entry }))
    });
    all.collect()
}

/// What was read of a process; nothing if it is gone. Without a descriptor to look with, nobody knows.
fn seen<T>(read: io::Result<T>) -> io::Result<Option<T>> {
    match read {
        Err(error) if used_up(&error) => Err(error),
        read => Ok(read.ok()),
    }
}

fn threads(pid: i32) -> usize {
    std::fs::read_dir(format!("/proc/{pid}/task")).map_or(0, Iterator::count)
}

/// How many processes run that `user` is or can become again; nothing if the table cannot be read.
pub(crate) fn of_user(user: u32) -> Option<usize> {
    std::fs::metadata("/proc/self/status").ok()?;
    let mut count = 0;
    for entry in processes().ok()?.iter().filter(|entry| !entry.ended) {
        // The owner of the folder in /proc would be root's for a process that hides itself.
        let status = std::fs::read_to_string(format!("/proc/{}/status", entry.pid));
        if seen(status)
            .ok()?
            .is_some_and(|status| has_user(&status, user))
        {
            count += 1;
        }
    }
    Some(count)
}

// The line holds the real, effective, saved and file system user.
fn has_user(status: &str, user: u32) -> bool {
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    line.is_some_and(|line| line.split_whitespace().any(|id| id.parse() == Ok(user)))
}

// The second field is the program's name in parentheses and may itself hold spaces and parentheses.
fn parse(pid: i32, stat: &str) -> Option<Entry> {
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    let state = fields.next()?;
    Some(Entry {
        pid,
        parent: fields.next()?.parse().ok()?,
        group: fields.next()?.parse().ok()?,
        ended: matches!(state, "Z" | "X"),
    })
}

/// Whether a process was started for the job whose folder is `job`: its environment names the folder,
/// or it is inside it.
pub(super) fn belongs_to(pid: i32, job: &Path) -> bool {
    let at: PathBuf = format!("/proc/{pid}").into();
    if std::fs::read_link(at.join("cwd")).is_ok_and(|cwd| cwd.starts_with(job)) {
        return true;
    }
    let mut environment = Vec::new();
    let read = File::open(at.join("environ"))
        .and_then(|file| file.take(ENVIRONMENT_LIMIT).read_to_end(&mut environment));
    let name = job.as_os_str().as_bytes();
    read.is_ok() && environment.windows(name.len()).any(|part| part == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_hold_anything() {
        let entry = Entry {
            pid: 7,
            parent: 3,
            group: 5,
            ended: false,
        };
        assert_eq!(parse(7, "7 (a) R 1 (b) S 3 5 5 0 -1"), Some(entry));
        assert!(parse(7, "7 (x) Z 3 5 5").is_some_and(|entry| entry.ended));
        assert_eq!(parse(7, "7 (x"), None);
        assert_eq!(parse(7, ""), None);
    }

    #[test]
    fn a_process_is_of_every_user_that_it_can_become() {
        let status = "Name:\tUid: 9\nUid:\t5\t6\t7\t8\nGid:\t9\t9\t9\t9\n";
        assert!((5..=8).all(|user| has_user(status, user)));
        assert!(!has_user(status, 9));
        assert!(of_user(rustix::process::getuid().as_raw()).is_some_and(|count| count > 0));
        assert_eq!(of_user(4_000_000_001), Some(0));
    }

    #[test]
    fn this_process_is_in_the_table() {
        let me = i32::try_from(std::process::id()).unwrap();
        assert!(processes().unwrap().iter().any(|entry| entry.pid == me));
        assert!(belongs_to(me, &std::env::current_dir().unwrap()));
        assert!(!belongs_to(me, Path::new("/no/such/folder/anywhere")));
    }
}
