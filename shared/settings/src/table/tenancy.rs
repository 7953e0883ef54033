//! For whom the system works.

use domain::{Login, TenantId};

use crate::{
    Declaration, Local,
    Program::{LocalStack, Triage, Worker},
    Setting,
    setting::{list, parsed},
};

declare! {
    /// The tenant that the GitHub App belongs to.
    SWITCHYARD_TENANT: TenantId = parsed("`ten_` and a name")
        .read_by(&[Triage])
        .solve("Set it to a tenant's id such as ten_default.");

    /// The owners whose repositories may be worked on.
    SWITCHYARD_ALLOWED_OWNERS: Vec<Login> = list("logins")
        .read_by(&[Triage, Worker, LocalStack])
        .without("nobody is let in")
        .locally(Local::Default("octo-demo"))
        .solve("Write logins of users and organisations, separated by commas.");
}
