//! Composes the `scheduler` function.

use std::sync::Arc;

use domain::{SystemClock, SystemRandom};
use kit::{Clients, Settings};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let vars = kit::environment();
    let telemetry = kit::telemetry::start("scheduler", &vars);
    let aws = Clients::from_vars(&vars);
    let (settings, ()) = tokio::join!(
        Settings::load(vars.clone(), &aws, &scheduler::PARAMETERS),
        scheduler::warm_up(&vars, &aws)
    );
    let scheduler = scheduler::connect(
        &settings,
        &aws,
        Arc::new(SystemClock),
        Arc::new(SystemRandom),
    )?;
    let (scheduler, telemetry) = (&scheduler, &telemetry);
    let handle = |_tick: LambdaEvent<Value>| async move {
        let report = scheduler::handle(scheduler).await;
        telemetry.flush().await;
        Ok::<_, Error>(report?)
    };
    run(service_fn(handle)).await
}
