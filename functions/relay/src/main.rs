//! Composes the `relay` function.

use std::sync::Arc;

use aws_lambda_events::event::dynamodb::Event;
use domain::{SystemClock, SystemRandom};
use kit::{Clients, Settings};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let vars = kit::environment();
    let telemetry = kit::telemetry::start("relay", &vars);
    let aws = Clients::from_vars(&vars);
    let (settings, ()) = tokio::join!(
        Settings::load(vars.clone(), &aws, &relay::PARAMETERS),
        relay::warm_up(&vars, &aws)
    );
    let relay = relay::connect(
        &settings,
        &aws,
        Arc::new(SystemClock),
        Arc::new(SystemRandom),
    )?;
    let relay = &relay;
    let telemetry = &telemetry;
    let handle = |event: LambdaEvent<Event>| async move {
        let answer = relay::handle(relay, event.payload).await;
        telemetry.flush().await;
        Ok::<_, Error>(answer)
    };
    run(service_fn(handle)).await
}
