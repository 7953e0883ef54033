//! Keys of the system's own.

use secrecy::SecretString;

use crate::{
    Declaration, Local,
    Program::{Daemon, Scheduler, Triage, Worker},
    Setting,
    setting::key,
};

declare! {
    /// What the tokens of jobs are signed with.
    SWITCHYARD_TOKEN_KEY: SecretString = key()
        .read_by(&[Triage, Worker, Scheduler])
        .or_parameter()
        .solve("Set it to a random text of 32 characters or more, the same for all functions.");

    /// The token key before, while one takes the other's place.
    SWITCHYARD_TOKEN_KEY_PREVIOUS: SecretString = key()
        .read_by(&[Worker])
        .or_parameter()
        .without("there is one key");

    /// What daemons prove themselves with at the worker function.
    SWITCHYARD_DAEMON_KEY: SecretString = key()
        .read_by(&[Worker, Daemon])
        .or_parameter()
        .locally(Local::Sets)
        .solve("Set it to a random text of 32 characters or more, the same for the worker function and the daemons.");

    /// The daemon key before, while one takes the other's place.
    SWITCHYARD_DAEMON_KEY_PREVIOUS: SecretString = key()
        .read_by(&[Worker])
        .or_parameter()
        .without("there is one key");
}
