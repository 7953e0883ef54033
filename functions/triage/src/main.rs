//! Composes the `triage` function.

use kit::{Error, Process};
use settings::Program;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let process = Process::start(Program::Triage);
    let aws = process.aws();
    let warming = compose::warm_up(&triage::CONNECTIONS, process.vars(), &aws);
    let settings = process.settings(&aws, warming).await;
    let triage = triage::connect(&settings, &aws, process.clock(), process.random());
    let triage = process.ready(triage)?;
    let within = intake::Triage::WITHIN;
    let handle = async |batch| Ok(triage::handle(&triage, batch, within).await);
    process.serve_events(handle).await
}
