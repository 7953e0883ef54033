//! Sending spans to an OTLP endpoint.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use opentelemetry_http::HttpClient;
use opentelemetry_otlp::{
    ExporterBuildError, Protocol, RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig,
};
use opentelemetry_sdk::{
    Resource,
    trace::{SpanData, SpanExporter as _},
};
use tokio::time::timeout;

use super::{Collector, Endpoint};

/// How long work waits for its spans to be exported, at most.
const PATIENCE: Duration = Duration::from_secs(1);

/// Exports what a collector has gathered.
#[derive(Debug)]
pub(crate) struct Exporter {
    pub(crate) collector: Arc<Collector>,
    pub(crate) endpoint: Endpoint,
    pub(crate) client: Arc<dyn HttpClient>,
    pub(crate) service: String,
    pub(crate) stage: String,
    /// One for each service that the process is.
    pub(crate) made: Mutex<HashMap<String, Arc<SpanExporter>>>,
}

impl Exporter {
    /// Exports what waits, in bounded time. What cannot be exported is lost, which a line tells.
    pub(crate) async fn flush(&self) {
        let waiting = self.collector.take();
        if waiting.lost > 0 {
            tracing::warn!(
                spans = waiting.lost,
                "spans were lost, since there were too many"
            );
        }
        let mut services: BTreeMap<String, Vec<SpanData>> = BTreeMap::new();
        for (service, span) in waiting.spans {
            let service = service.unwrap_or_else(|| self.service.clone());
            services.entry(service).or_default().push(span);
        }
        for (service, spans) in services {
            let count = spans.len();
            if let Err(error) = self.export(&service, spans).await {
                tracing::warn!(spans = count, error, "spans could not be exported");
            }
        }
    }

    async fn export(&self, service: &str, spans: Vec<SpanData>) -> Result<(), String> {
        let exporter = self.exporter(service).map_err(|error| error.to_string())?;
        match timeout(PATIENCE, exporter.export(spans)).await {
            Ok(answer) => answer.map_err(|error| error.to_string()),
            Err(_) => Err("the endpoint did not answer in time".to_owned()),
        }
    }

    fn exporter(&self, service: &str) -> Result<Arc<SpanExporter>, ExporterBuildError> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(exporter) = made.get(service) {
            return Ok(exporter.clone());
        }
        let mut exporter = SpanExporter::builder()
            .with_http()
            .with_shared_http_client(self.client.clone())
            .with_endpoint(self.endpoint.as_str())
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(PATIENCE)
            // A second try would hold up the work, and the exporter's own pauses hold up the whole thread.
            .with_retry_policy(RetryPolicy::disabled())
            .build()?;
        exporter.set_resource(&self.resource(service));
        let exporter = Arc::new(exporter);
        made.insert(service.to_owned(), exporter.clone());
        Ok(exporter)
    }

    fn resource(&self, service: &str) -> Resource {
        let attributes = [
            ("service.name", service.to_owned()),
            ("service.namespace", "switchyard".to_owned()),
            ("service.version", env!("CARGO_PKG_VERSION").to_owned()),
            ("deployment.environment.name", self.stage.clone()),
        ];
        let attributes = attributes.map(|(name, value)| opentelemetry::KeyValue::new(name, value));
        Resource::builder_empty()
            .with_attributes(attributes)
            .build()
    }
}
