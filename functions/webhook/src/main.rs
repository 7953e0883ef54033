//! The Lambda function.

use std::sync::Arc;

use domain::{SystemClock, SystemRandom};
use kit::{Boundary, Clients, Settings};
use switchyard_webhook::{PARAMETERS, Webhook, router, warm_up};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let vars = kit::environment();
    let telemetry = kit::telemetry::start("webhook", &vars);
    let aws = Clients::from_vars(&vars);
    let (settings, ()) = tokio::join!(
        Settings::load(vars.clone(), &aws, &PARAMETERS),
        warm_up(&vars, &aws)
    );
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let boundary = Boundary::from_settings(&settings, clock.clone(), random.clone())?;
    let webhook = Webhook::from_settings(&settings, &aws, clock, random)?;
    let router = router(webhook, boundary);
    lambda_http::run(kit::telemetry::flushing(router, telemetry)).await
}
