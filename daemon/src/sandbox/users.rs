//! The users that jobs run as.

use std::{
    io,
    ops::RangeInclusive,
    os::{
        linux::net::SocketAddrExt as _,
        unix::net::{SocketAddr, UnixListener},
    },
    sync::atomic::{AtomicU32, Ordering},
};

use super::plan::JobUser;

/// How many users one daemon has: the first kills, the others are for its jobs in turn.
const SHARE: u32 = 64;

/// A daemon's share of the users that the operator set aside for jobs. No other daemon on this machine has the same
/// as long as this exists.
#[derive(Debug)]
pub(super) struct Users {
    first: u32,
    next: AtomicU32,
    /// Bound to a name that only one process can have; the system lets go of it however the process ends.
    _share: UnixListener,
}

impl Users {
    /// Takes the first free share of `range`.
    pub(super) fn take(range: &RangeInclusive<u32>) -> io::Result<Self> {
        let mut first = *range.start();
        while first.saturating_add(SHARE - 1) <= *range.end() {
            if let Some(share) = claim(first)? {
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

fn claim(first: u32) -> io::Result<Option<UnixListener>> {
    let name = SocketAddr::from_abstract_name(format!("switchyard-job-users-{first}"))?;
    match UnixListener::bind_addr(&name) {
        Ok(share) => Ok(Some(share)),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_daemons_and_no_two_jobs_in_a_row_have_the_same_user() {
        let range = 3_000_000_000..=3_000_000_191;
        let (one, two) = (Users::take(&range).unwrap(), Users::take(&range).unwrap());
        assert_ne!(one.killer(), two.killer());
        let users: std::collections::HashSet<_> = (0..63).map(|_| one.next().id()).collect();
        assert_eq!(users.len(), 63);
        assert!(!users.contains(&one.killer()));
        assert!(two.all().all(|user| !users.contains(&user.id())));
        let third = Users::take(&range).unwrap();
        assert!(Users::take(&range).is_err());
        drop(third);
        assert!(Users::take(&range).is_ok());
    }
}
