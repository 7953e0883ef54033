//! What every program of a system knows.

use std::path::PathBuf;

use crate::{
    Declaration, Local,
    Program::{Daemon, LocalStack},
    Setting,
    setting::{path, text},
};

declare! {
    /// Where programs are looked for.
    PATH: String = text("folders, separated by colons")
        .read_by(&[Daemon, LocalStack])
        .otherwise("/usr/local/bin:/usr/bin:/bin")
        .locally(Local::Sets);

    /// The daemon's own files.
    HOME: PathBuf = path("a folder")
        .read_by(&[Daemon])
        .without("as the system says");

    /// What is temporary.
    TMPDIR: PathBuf = path("a folder")
        .read_by(&[Daemon])
        .without("as the system says");

    /// Authorities in place of the system's, for everything but the way to the model's provider.
    SSL_CERT_FILE: PathBuf = path("a file of certificates in PEM")
        .read_by(&[Daemon])
        .without("the system's");

    /// The Region of the daemon's queue, and of Bedrock.
    AWS_REGION: String = text("a Region's name")
        .read_by(&[Daemon])
        .without("`AWS_DEFAULT_REGION`, or what the SDK finds")
        .solve("Set it to the Region of the models.");

    /// Another name of the same.
    AWS_DEFAULT_REGION: String = text("a Region's name")
        .read_by(&[Daemon])
        .without("as above");
}
