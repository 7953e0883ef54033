//! Composes the `worker` function.

use kit::{Error, Process};
use settings::{Program, SettingsError};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let process = Process::start(Program::Worker);
    let aws = process.aws();
    let warming = compose::warm_up(&worker::CONNECTIONS, process.vars(), &aws);
    let settings = process.settings(&aws, warming).await;
    let worker = worker::connect(&settings, &aws, process.clock(), process.random());
    let (worker, boundary) =
        process.ready(SettingsError::both(worker, process.boundary(&settings)))?;
    process.serve_http(worker::router(worker, boundary)).await
}
