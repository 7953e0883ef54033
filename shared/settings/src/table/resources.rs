//! What a deployment holds.

use url::Url;

use crate::{
    Declaration, Local,
    Program::{Api, Daemon, Relay, Scheduler, Triage, Webhook, Worker},
    Setting,
    setting::{address, text, url},
};

declare! {
    /// The table that holds everything.
    TABLE_NAME: String = text("a table's name")
        .read_by(&[Triage, Worker, Scheduler, Relay])
        .solve("Set it to the name of the stack's table.");

    /// The queue in which deliveries wait for `triage`.
    DELIVERIES_QUEUE_URL: String = address()
        .read_by(&[Webhook, Scheduler])
        .solve("Set it to the address of the deliveries queue.");

    /// The queue in which jobs wait for daemons.
    JOBS_QUEUE_URL: String = address()
        .read_by(&[Triage, Worker, Scheduler, Daemon])
        .locally(Local::Sets)
        .solve("Set it to the address of the jobs queue.");

    /// The bucket for documents that are too large for a message.
    BODIES_BUCKET: String = text("a bucket's name")
        .read_by(&[Webhook, Triage])
        .solve("Set it to the name of the stack's bucket.");

    /// The address of the public API, which has a page for each kind of problem.
    SWITCHYARD_PUBLIC_URL: Url = url()
        .read_by(&[Webhook, Worker, Api])
        .without("problems link to their pages relative to the function's own address")
        .solve("Set it to the public API's address, or leave it out.");

    /// Under what Parameter Store holds the settings that are not in the environment.
    SWITCHYARD_PARAMETERS: String = text("a path of parameters such as /switchyard/prod")
        .read_by(&[Webhook, Triage, Worker, Scheduler, Relay])
        .without("Parameter Store is not asked");
}
