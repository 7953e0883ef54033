//! The boundary around jobs.

use std::path::PathBuf;

use crate::{
    Declaration, Local,
    Program::{Daemon, LocalStack},
    Setting,
    setting::{choice, count, paths, text},
};

declare! {
    /// The boundary around jobs; `auto` is the strongest that works.
    SWITCHYARD_SANDBOX: &'static str = choice(&["auto", "namespaces", "uid", "none"])
        .read_by(&[Daemon, LocalStack])
        .otherwise("auto")
        .solve("Set it to auto, namespaces, uid or none, or leave it out.");

    /// What jobs can read beside the system and the programs in `PATH`.
    SWITCHYARD_SANDBOX_READABLE: Vec<PathBuf> = paths()
        .read_by(&[Daemon])
        .without("nothing else")
        .solve("Write absolute paths, separated by colons.");

    /// What jobs cannot read, whatever it lies in.
    SWITCHYARD_SANDBOX_HIDDEN: Vec<PathBuf> = paths()
        .read_by(&[Daemon])
        .without("nothing")
        .locally(Local::Sets)
        .solve("Write absolute paths, separated by colons.");

    /// What jobs may reach where their network is their own; `public` is every public address.
    SWITCHYARD_AGENT_HOSTS: String = text("public, none, or names of hosts, separated by commas")
        .read_by(&[Daemon])
        .otherwise("public")
        .solve("Set it to public, none, or names of hosts, separated by commas; .example.com stands for all below.");

    /// Users and groups that nobody has but jobs, where the daemon is root.
    SWITCHYARD_JOB_USERS: String = text("a range of 64 users or more, from 1000 on")
        .read_by(&[Daemon])
        .otherwise("20000-29999")
        .solve("Set it to numbers that no user and group has, such as 20000-29999: 64 or more, from 1000 on.");

    /// How many processes and threads a job may have.
    SWITCHYARD_JOB_PROCESSES: u64 = count("processes", 1, None)
        .read_by(&[Daemon])
        .otherwise("4096");

    /// How much disk a job may use up.
    SWITCHYARD_JOB_DISK_MIB: u64 = count("MiB", 1, None)
        .read_by(&[Daemon])
        .otherwise("8192");
}
