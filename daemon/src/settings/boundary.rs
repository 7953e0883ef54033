//! The settings of the boundary around jobs.

use std::{ops::RangeInclusive, path::PathBuf};

use super::{JOB_DISK_MIB, JOB_FILES, JOB_OPEN_FILES, JOB_PROCESSES, JOB_USERS, Reader};
use crate::outside::Hosts;
use crate::sandbox::{Choice, JobLimits, Site};

/// Users below are the system's own.
const FIRST_USER: u32 = 1_000;
/// How many users one daemon needs.
const USERS: u32 = 64;

impl Reader<'_> {
    pub(super) fn sandbox(&mut self) -> Option<Choice> {
        let text = self.get("SWITCHYARD_SANDBOX").unwrap_or("auto").to_owned();
        let choice = text.parse().ok();
        if choice.is_none() {
            let solution = "Set it to auto, namespaces, uid or none, or leave it out.";
            self.complain(
                "SWITCHYARD_SANDBOX",
                format!("{text:?} is no sandbox"),
                solution,
            );
        }
        choice
    }

    pub(super) fn site(&mut self) -> Option<Site> {
        match self.get("SWITCHYARD_SIMULATED") {
            None | Some("no") => Some(Site::Real),
            Some("yes") => Some(Site::Simulated),
            Some(_) => {
                let solution = "Set it to yes where GitHub is simulated, or leave it out.";
                self.complain("SWITCHYARD_SIMULATED", "it is neither yes nor no", solution);
                None
            }
        }
    }

    pub(super) fn hosts(&mut self) -> Option<Hosts> {
        let hosts = self
            .get("SWITCHYARD_AGENT_HOSTS")
            .unwrap_or("public")
            .parse()
            .ok();
        if hosts.is_none() {
            let solution = "Set it to public, none, or names of hosts separated by commas; .example.com stands for all below.";
            self.complain("SWITCHYARD_AGENT_HOSTS", "it is no list of hosts", solution);
        }
        hosts
    }

    /// Absolute paths, separated by colons.
    pub(super) fn paths(&mut self, name: &'static str) -> Vec<PathBuf> {
        let text = self.get(name).unwrap_or_default();
        let paths = text.split(':').filter(|path| !path.is_empty());
        let paths: Vec<PathBuf> = paths.map(PathBuf::from).collect();
        if paths.iter().any(|path| !path.is_absolute()) {
            let solution = "Write absolute paths, separated by colons.";
            self.complain(name, "it holds a path that is not absolute", solution);
        }
        paths
    }

    pub(super) fn job_users(&mut self) -> Option<RangeInclusive<u32>> {
        let Some(text) = self.get("SWITCHYARD_JOB_USERS") else {
            return Some(JOB_USERS);
        };
        let range = text.split_once('-').and_then(|(first, last)| {
            let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
            let enough = u32::checked_sub(last, first)? >= USERS - 1;
            (first >= FIRST_USER && enough).then_some(first..=last)
        });
        if range.is_none() {
            let solution = "Set it to numbers that no user and group has, such as 20000-29999: 64 or more, from 1000 on.";
            self.complain("SWITCHYARD_JOB_USERS", "it is no range of users", solution);
        }
        range
    }

    pub(super) fn job_limits(&mut self) -> Option<JobLimits> {
        let processes = self.count("SWITCHYARD_JOB_PROCESSES", JOB_PROCESSES);
        let disk = self.count("SWITCHYARD_JOB_DISK_MIB", JOB_DISK_MIB);
        Some(JobLimits {
            processes: processes?,
            open_files: JOB_OPEN_FILES,
            disk_bytes: disk?.saturating_mul(1024 * 1024),
            files: JOB_FILES,
        })
    }

    fn count(&mut self, name: &'static str, otherwise: u64) -> Option<u64> {
        let Some(text) = self.get(name) else {
            return Some(otherwise);
        };
        if let Ok(count @ 1..) = text.trim().parse() {
            return Some(count);
        }
        self.complain(
            name,
            "it is not a number from 1 on",
            "Correct it, or leave it out.",
        );
        None
    }
}
