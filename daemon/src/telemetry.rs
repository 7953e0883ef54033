//! What a daemon says about itself.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use egress::{HttpClient as Guarded, HttpSettings};
use telemetry::{
    Bytes, Endpoint, HttpClient, HttpError, Output, Request, Response, Setup, Telemetry,
};
use tokio::{task::JoinHandle, time::sleep};
use tracing_subscriber::filter::LevelFilter;

/// How often spans are exported.
const FLUSH: Duration = Duration::from_millis(500);

/// Starts logging to standard error and, if there is an endpoint, collecting spans. A host that has set up its
/// own log already keeps it.
pub(crate) fn speak(level: tracing::Level, stage: &str, spans: Option<Endpoint>) -> Telemetry {
    let export = spans.and_then(|endpoint| {
        let client: Arc<dyn HttpClient> = Arc::new(OtlpClient::new(&endpoint)?);
        Some((endpoint, client))
    });
    let setup = Setup {
        level: Setup::level(LevelFilter::from_level(level)),
        export,
        ..Setup::json("daemon", stage, Output::Stderr)
    };
    setup.start()
}

/// The guarded client, for one origin: the operator's endpoint.
#[derive(Debug)]
struct OtlpClient(Guarded);

impl OtlpClient {
    fn new(endpoint: &Endpoint) -> Option<Self> {
        let trusted = vec![endpoint.as_str().parse().ok()?];
        let client = Guarded::new(&HttpSettings::new(trusted)).ok()?;
        Some(Self(client))
    }
}

#[async_trait]
impl HttpClient for OtlpClient {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let mut outgoing = egress::Request::new(parts.method, parts.uri.to_string().parse()?);
        for (name, value) in parts.headers {
            if let Some(name) = name {
                outgoing = outgoing.header(name, value);
            }
        }
        let answer = self.0.send(outgoing.body(body)).await?;
        Ok(Response::builder()
            .status(answer.status)
            .body(answer.body)?)
    }
}

/// Exports spans now and then until it is dropped, if spans are exported at all.
#[derive(Debug)]
pub(crate) struct Flushing(Option<JoinHandle<()>>);

impl Flushing {
    pub(crate) fn start(telemetry: &Telemetry) -> Self {
        let telemetry = telemetry.clone();
        Self(telemetry.exports().then(|| {
            tokio::spawn(async move {
                loop {
                    sleep(FLUSH).await;
                    telemetry.flush().await;
                }
            })
        }))
    }
}

impl Drop for Flushing {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}
