//! Composes the `webhook` function.

use kit::{Error, Process};
use settings::{Program, SettingsError};
use switchyard_webhook::{connect, router, warm_up};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let process = Process::start(Program::Webhook);
    let aws = process.aws();
    let warming = warm_up(process.vars(), &aws);
    let settings = process.settings(&aws, warming).await;
    let webhook = connect(&settings, &aws, process.clock(), process.random());
    let (webhook, boundary) =
        process.ready(SettingsError::both(webhook, process.boundary(&settings)))?;
    process.serve_http(router(webhook, boundary)).await
}
