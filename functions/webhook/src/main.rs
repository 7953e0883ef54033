//! The Lambda function.

use std::sync::Arc;

use domain::{SystemClock, SystemRandom};
use kit::{Clients, Settings};
use switchyard_webhook::{PARAMETERS, Webhook, router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let vars = kit::environment();
    kit::logs::init(&vars);
    let aws = Clients::from_environment().await;
    let settings = Settings::load(vars, &aws, &PARAMETERS).await;
    let webhook = Webhook::from_settings(
        &settings,
        &aws,
        Arc::new(SystemClock),
        Arc::new(SystemRandom),
    )?;
    lambda_http::run(router(webhook)).await
}
