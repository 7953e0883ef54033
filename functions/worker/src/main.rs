//! Composes the `worker` function.

use std::sync::Arc;

use domain::{SystemClock, SystemRandom};
use kit::{Boundary, Clients, Settings};
use lambda_http::{Error, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let vars = kit::environment();
    let telemetry = kit::telemetry::start("worker", &vars);
    let aws = Clients::from_vars(&vars);
    let (settings, ()) = tokio::join!(
        Settings::load(vars.clone(), &aws, &worker::PARAMETERS),
        worker::warm_up(&vars, &aws)
    );
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let boundary = Boundary::from_settings(&settings, clock.clone(), random.clone())?;
    let worker = worker::connect(&settings, &aws, clock, random)?;
    let router = worker::router(worker, boundary);
    run(kit::telemetry::flushing(router, telemetry)).await
}
