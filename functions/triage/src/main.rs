//! Composes the `triage` function.

use std::sync::Arc;

use aws_lambda_events::event::sqs::SqsEvent;
use domain::{SystemClock, SystemRandom};
use kit::{Clients, Settings};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let vars = kit::environment();
    kit::logs::init(&vars);
    let aws = Clients::from_environment().await;
    let settings = Settings::load(vars, &aws, &triage::PARAMETERS).await;
    let triage = triage::connect(
        &settings,
        &aws,
        Arc::new(SystemClock),
        Arc::new(SystemRandom),
    )?;
    triage.warm_up().await;
    let triage = &triage;
    let handle = |event: LambdaEvent<SqsEvent>| async move {
        Ok::<_, Error>(triage::handle(triage, event.payload).await)
    };
    run(service_fn(handle)).await
}
