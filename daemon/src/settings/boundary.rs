//! The settings of the boundary around jobs.

use std::ops::RangeInclusive;

use settings::{
    Reader, SWITCHYARD_AGENT_HOSTS, SWITCHYARD_JOB_DISK_MIB, SWITCHYARD_JOB_PROCESSES,
    SWITCHYARD_JOB_USERS, SWITCHYARD_SANDBOX, SWITCHYARD_SIMULATED,
};

use crate::{
    outside::Hosts,
    sandbox::{Choice, JobLimits, Site},
};

const JOB_OPEN_FILES: u64 = 65_536;
const JOB_FILES: u64 = 2_000_000;
/// Users below are the system's own.
const FIRST_USER: u32 = 1_000;
/// How many users one daemon needs.
const USERS: u32 = 64;

/// What jobs are shut in by.
pub(super) struct Boundary {
    pub(super) sandbox: Choice,
    pub(super) site: Site,
    pub(super) hosts: Hosts,
    pub(super) job_users: RangeInclusive<u32>,
    pub(super) job_limits: JobLimits,
}

pub(super) fn boundary(read: &mut Reader<'_>) -> Option<Boundary> {
    let sandbox = read.get(&SWITCHYARD_SANDBOX);
    let simulated = read.get(&SWITCHYARD_SIMULATED);
    let hosts = read.parse(&SWITCHYARD_AGENT_HOSTS, |text| text.parse().ok());
    let job_users = read.parse(&SWITCHYARD_JOB_USERS, users);
    let processes = read.get(&SWITCHYARD_JOB_PROCESSES);
    let disk = read.get(&SWITCHYARD_JOB_DISK_MIB);
    Some(Boundary {
        sandbox: sandbox?.parse().ok()?,
        site: if simulated? {
            Site::Simulated
        } else {
            Site::Real
        },
        hosts: hosts?,
        job_users: job_users?,
        job_limits: JobLimits {
            processes: processes?,
            open_files: JOB_OPEN_FILES,
            disk_bytes: disk?.saturating_mul(1024 * 1024),
            files: JOB_FILES,
        },
    })
}

fn users(text: &str) -> Option<RangeInclusive<u32>> {
    let (first, last) = text.split_once('-')?;
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    let enough = u32::checked_sub(last, first)? >= USERS - 1;
    (first >= FIRST_USER && enough).then_some(first..=last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sandbox_that_may_be_set_is_one() {
        assert!(SWITCHYARD_SANDBOX.choices().contains(&"auto"));
        for word in SWITCHYARD_SANDBOX.choices() {
            let settings = settings::Settings::from_vars(
                [(SWITCHYARD_SANDBOX.name().to_owned(), (*word).to_owned())].into(),
            );
            let mut read = settings.reader(settings::Program::Daemon);
            assert_eq!(boundary(&mut read).unwrap().sandbox, word.parse().unwrap());
        }
    }

    #[test]
    fn users_are_enough_and_none_of_the_systems() {
        assert_eq!(users(" 1000 - 1063 "), Some(1_000..=1_063));
        for wrong in ["1000-1062", "999-2000", "2000-1000", "2000", "a-b", ""] {
            assert_eq!(users(wrong), None, "{wrong}");
        }
    }
}
