//! Composes the `relay` function.

use std::sync::Arc;

use aws_lambda_events::event::dynamodb::Event;
use domain::{SystemClock, SystemRandom};
use kit::{Clients, Settings};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let vars = kit::environment();
    kit::logs::init(&vars);
    let aws = Clients::from_environment().await;
    let settings = Settings::load(vars, &aws, &relay::PARAMETERS).await;
    let relay = relay::connect(
        &settings,
        &aws,
        Arc::new(SystemClock),
        Arc::new(SystemRandom),
    )?;
    relay.warm_up().await;
    let relay = &relay;
    let handle = |event: LambdaEvent<Event>| async move {
        Ok::<_, Error>(relay::handle(relay, event.payload).await)
    };
    run(service_fn(handle)).await
}
