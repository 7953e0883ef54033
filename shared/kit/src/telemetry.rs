//! What a function says about itself.

mod client;

use std::{collections::HashMap, hash::BuildHasher, sync::Arc};

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use settings::{
    Program, RUST_LOG, SWITCHYARD_LOG_FORMAT, SWITCHYARD_STAGE, Settings, SettingsError,
};
use telemetry::{Endpoint, Format, Output, Setup};
pub use telemetry::{HttpClient, Telemetry};
use tracing_subscriber::filter::LevelFilter;

pub use client::OtlpClient;

/// Starts logging to standard output for the function `program`, as the process's `RUST_LOG` says: a plain
/// level such as `info`, which is also the default. `SWITCHYARD_LOG_FORMAT=human` writes lines for people,
/// everything else JSON with metrics of the stage `SWITCHYARD_STAGE`. What is none of these is told in the log, and the
/// work goes on. If `OTEL_EXPORTER_OTLP_ENDPOINT` or
/// `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is set, spans are exported there. Does nothing if logging has been
/// started before.
pub fn start(program: Program, vars: &HashMap<String, String, impl BuildHasher>) -> Telemetry {
    let human = SWITCHYARD_LOG_FORMAT.of(vars) == Some("human");
    let endpoint = Endpoint::from_vars(vars);
    let client = |endpoint| -> (Endpoint, Arc<dyn HttpClient>) {
        (endpoint, Arc::new(OtlpClient::default()))
    };
    let setup = Setup {
        service: program.name().to_owned(),
        stage: stage(vars),
        level: Setup::level(level(RUST_LOG.of(vars))),
        format: if human { Format::Human } else { Format::Json },
        output: Output::Stdout,
        export: endpoint.clone().ok().flatten().map(client),
    };
    let telemetry = setup.start();
    if let Err(error) = understood(program, vars) {
        tracing::error!(%error, "the log is written as if they were not set");
    }
    if let Err(error) = endpoint {
        // Work goes on: telemetry must not get in its way.
        tracing::error!(%error, "spans are not exported; correct the setting, or leave it out");
    }
    telemetry
}

/// What is wrong with the settings of the log.
fn understood(
    program: Program,
    vars: &HashMap<String, String, impl BuildHasher>,
) -> Result<(), SettingsError> {
    let of_log = [RUST_LOG.declaration(), SWITCHYARD_LOG_FORMAT.declaration()];
    let set = of_log.into_iter().filter_map(|setting| {
        let text = setting.of(vars)?;
        Some((setting.name().to_owned(), text.to_owned()))
    });
    let settings = Settings::from_vars(set.collect());
    let mut read = settings.reader(program);
    read.parse(&RUST_LOG, |text| text.parse::<LevelFilter>().ok());
    read.get(&SWITCHYARD_LOG_FORMAT);
    read.finish(|| Some(()))
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
    fn a_log_that_is_set_otherwise_than_meant_is_noticed() {
        let wrong = |name: &str, text: &str| {
            let vars = HashMap::from([(name.to_owned(), text.to_owned())]);
            let wrong = understood(Program::Relay, &vars).err();
            wrong.map(|error| error.0.iter().map(|one| one.name).collect::<Vec<_>>())
        };
        for (name, right, other) in [
            ("RUST_LOG", "debug", "loud"),
            ("SWITCHYARD_LOG_FORMAT", "human", "yaml"),
        ] {
            assert_eq!(wrong(name, right), None);
            assert_eq!(wrong(name, other), Some(vec![name]));
        }
        assert_eq!(wrong("RUST_LOG", ""), None);
    }

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
