//! What a function says about itself.

mod client;

use std::{collections::HashMap, hash::BuildHasher, sync::Arc};

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use settings::{RUST_LOG, SWITCHYARD_LOG_FORMAT, SWITCHYARD_STAGE};
use telemetry::{Endpoint, Format, Output, Setup};
pub use telemetry::{HttpClient, Telemetry};
use tracing_subscriber::filter::LevelFilter;

pub use client::OtlpClient;

/// Starts logging to standard output for the function `service`, as the process's `RUST_LOG` says: a plain
/// level such as `info`, which is also the default. `SWITCHYARD_LOG_FORMAT=human` writes lines for people,
/// everything else JSON with metrics of the stage `SWITCHYARD_STAGE`. If `OTEL_EXPORTER_OTLP_ENDPOINT` or
/// `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is set, spans are exported there. Does nothing if logging has been
/// started before.
pub fn start(service: &str, vars: &HashMap<String, String, impl BuildHasher>) -> Telemetry {
    let human = SWITCHYARD_LOG_FORMAT.of(vars) == Some("human");
    let endpoint = Endpoint::from_vars(vars);
    let client = |endpoint| -> (Endpoint, Arc<dyn HttpClient>) {
        (endpoint, Arc::new(OtlpClient::default()))
    };
    let setup = Setup {
        service: service.to_owned(),
        stage: stage(vars),
        level: Setup::level(level(RUST_LOG.of(vars))),
        format: if human { Format::Human } else { Format::Json },
        output: Output::Stdout,
        export: endpoint.clone().ok().flatten().map(client),
    };
    let telemetry = setup.start();
    if let Err(error) = endpoint {
        // Work goes on: telemetry must not get in its way.
        tracing::error!(%error, "spans are not exported; correct the setting, or leave it out");
    }
    telemetry
}

/// The name of the deployment, for metrics and spans.
pub fn stage(vars: &HashMap<String, String, impl BuildHasher>) -> String {
    let stage = SWITCHYARD_STAGE.of(vars).map(str::to_owned);
    stage
        .or_else(|| SWITCHYARD_STAGE.default_value())
        .unwrap_or_default()
}

/// Exports spans at the end of each request, if spans are exported: an environment may be frozen right after
/// its answer.
pub fn flushing(router: Router, telemetry: Telemetry) -> Router {
    if telemetry.exports() {
        router.layer(from_fn_with_state(telemetry, flush))
    } else {
        router
    }
}

async fn flush(State(telemetry): State<Telemetry>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    telemetry.flush().await;
    response
}

fn level(text: Option<&str>) -> LevelFilter {
    text.and_then(|text| text.parse().ok())
        .unwrap_or(LevelFilter::INFO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_levels_change_anything() {
        assert_eq!(level(Some("debug")), LevelFilter::DEBUG);
        assert_eq!(level(Some("WARN")), LevelFilter::WARN);
        assert_eq!(level(Some("off")), LevelFilter::OFF);
        for text in [None, Some("loud"), Some("hyper=trace")] {
            assert_eq!(level(text), LevelFilter::INFO, "{text:?}");
        }
    }
}
