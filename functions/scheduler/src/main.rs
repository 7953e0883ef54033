//! Composes the `scheduler` function.

use std::sync::Arc;

use domain::{SystemClock, SystemRandom};
use kit::{Clients, Settings};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let vars = kit::environment();
    kit::logs::init(&vars);
    let aws = Clients::from_environment().await;
    let settings = Settings::load(vars, &aws, &scheduler::PARAMETERS).await;
    let scheduler = scheduler::connect(
        &settings,
        &aws,
        Arc::new(SystemClock),
        Arc::new(SystemRandom),
    )?;
    let scheduler = &scheduler;
    let handle = |_tick: LambdaEvent<Value>| async move {
        Ok::<_, Error>(scheduler::handle(scheduler).await?)
    };
    run(service_fn(handle)).await
}
