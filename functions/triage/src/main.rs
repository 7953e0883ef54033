//! Composes the `triage` function.

use std::sync::Arc;

use aws_lambda_events::event::sqs::SqsEvent;
use domain::{SystemClock, SystemRandom};
use kit::{Clients, Settings};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let vars = kit::environment();
    let telemetry = kit::telemetry::start("triage", &vars);
    let aws = Clients::from_vars(&vars);
    let (settings, ()) = tokio::join!(
        Settings::load(vars.clone(), &aws, &triage::PARAMETERS),
        triage::warm_up(&vars, &aws)
    );
    let triage = triage::connect(
        &settings,
        &aws,
        Arc::new(SystemClock),
        Arc::new(SystemRandom),
    )?;
    let triage = &triage;
    let telemetry = &telemetry;
    let handle = |event: LambdaEvent<SqsEvent>| async move {
        let answer = triage::handle(triage, event.payload, intake::Triage::WITHIN).await;
        telemetry.flush().await;
        Ok::<_, Error>(answer)
    };
    run(service_fn(handle)).await
}
