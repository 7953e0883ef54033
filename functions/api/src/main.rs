//! Composes the `api` function.

use kit::{Error, Process};
use settings::{Program, Settings};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let process = Process::start(Program::Api);
    let settings = Settings::from_vars(process.vars().clone());
    let boundary = process.ready(process.boundary(&settings))?;
    process.serve_http(api::router(boundary)).await
}
