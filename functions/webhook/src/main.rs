//! The Lambda function.

use std::sync::Arc;

use domain::{SystemClock, SystemRandom};
use kit::{Clients, Settings};
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
    let webhook = Webhook::from_settings(
        &settings,
        &aws,
        Arc::new(SystemClock),
        Arc::new(SystemRandom),
    )?;
    lambda_http::run(kit::telemetry::flushing(router(webhook), telemetry)).await
}
