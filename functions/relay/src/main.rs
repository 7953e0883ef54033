//! Composes the `relay` function.

use kit::{Error, Process};
use settings::Program;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let process = Process::start(Program::Relay);
    let aws = process.aws();
    let warming = compose::warm_up(&relay::CONNECTIONS, process.vars(), &aws);
    let settings = process.settings(&aws, warming).await;
    let relay = relay::connect(&settings, &aws, process.clock(), process.random());
    let relay = process.ready(relay)?;
    let handle = async |records| Ok(relay::handle(&relay, records).await);
    process.serve_events(handle).await
}
