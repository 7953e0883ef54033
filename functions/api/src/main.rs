//! Composes the `api` function.

use std::sync::Arc;

use domain::{SystemClock, SystemRandom};
use kit::{Clients, Settings};
use lambda_http::{Error, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let vars = kit::environment();
    kit::logs::init(&vars);
    let aws = Clients::from_environment().await;
    let settings = Settings::load(vars, &aws, &api::PARAMETERS).await;
    let worker = api::connect(
        &settings,
        &aws,
        Arc::new(SystemClock),
        Arc::new(SystemRandom),
    )?;
    worker.warm_up().await;
    run(api::router(worker)).await
}
