//! Composes the `scheduler` function.

use kit::{Error, Process};
use serde::de::IgnoredAny;
use settings::Program;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let process = Process::start(Program::Scheduler);
    let aws = process.aws();
    let warming = compose::warm_up(&scheduler::CONNECTIONS, process.vars(), &aws);
    let settings = process.settings(&aws, warming).await;
    let scheduler = scheduler::connect(&settings, &aws, process.clock(), process.random());
    let scheduler = process.ready(scheduler)?;
    let handle = async |_tick: IgnoredAny| Ok(scheduler::handle(&scheduler).await?);
    process.serve_events(handle).await
}
