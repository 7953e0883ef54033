//! What programs say about themselves.

use url::Url;

use crate::{
    Declaration, Local, Program,
    Program::{Api, Daemon, Relay, Scheduler, Triage, Webhook, Worker},
    Setting,
    setting::{choice, text, url},
};

const ALL: &[Program] = &[Webhook, Triage, Worker, Api, Scheduler, Relay, Daemon];

declare! {
    /// The deployment's name, in metrics and spans.
    SWITCHYARD_STAGE: String = text("a name")
        .read_by(ALL)
        .otherwise("none")
        .locally(Local::Sets);

    /// The least important lines of the log that are written.
    RUST_LOG: String = text("error, warn, info, debug or trace")
        .read_by(ALL)
        .otherwise("info")
        .solve("Set it to error, warn, info, debug or trace.");

    /// Whether functions write their log for machines or for people.
    SWITCHYARD_LOG_FORMAT: &'static str = choice(&["json", "human"])
        .read_by(&[Webhook, Triage, Worker, Api, Scheduler, Relay])
        .otherwise("json");

    /// The collector to which spans are exported.
    OTEL_EXPORTER_OTLP_ENDPOINT: Url = url()
        .read_by(ALL)
        .without("none are exported")
        .solve("Set it to the collector's address, such as http://localhost:4318, or leave it out.");

    /// The same, with the path for spans.
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: Url = url()
        .read_by(ALL)
        .without("it follows from `OTEL_EXPORTER_OTLP_ENDPOINT`")
        .solve("Set it to an address such as http://localhost:4318/v1/traces, or leave it out.");

    /// What the collector wants to be told with each export.
    OTEL_EXPORTER_OTLP_HEADERS: String = text("headers as name=value, separated by commas")
        .read_by(ALL)
        .without("nothing")
        .solve("Write them as name=value, separated by commas.");
}
