//! Composes the `api` function.

use std::sync::Arc;

use domain::{SystemClock, SystemRandom};
use kit::{Boundary, Settings};
use lambda_http::{Error, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let vars = kit::environment();
    let telemetry = kit::telemetry::start("api", &vars);
    let settings = Settings::from_vars(vars);
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let boundary = Boundary::from_settings(&settings, clock, random)?;
    run(kit::telemetry::flushing(api::router(boundary), telemetry)).await
}
