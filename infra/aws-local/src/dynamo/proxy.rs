//! The private port of the embedded engine.
//!
//! The engine's own HTTP service is what has the exact order of DynamoDB's checks and the exact words
//! of its errors, so requests go through it and not through the engine's typed calls.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::response::Response;
use bytes::Bytes;
use dynoxide::Database;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::REGION;
use crate::answers::plain;
use crate::config::StartError;
use crate::exchange::Exchange;

/// How the engine writes its region in ARNs.
const ENGINE_ARN: &str = "arn:aws:dynamodb:dynoxide:";

/// How long a stop waits for the engine.
const PATIENCE: Duration = Duration::from_secs(2);

/// The headers the engine looks at.
const FORWARDED: [&str; 5] = [
    "content-type",
    "x-amz-target",
    "authorization",
    "x-amz-date",
    "x-amz-security-token",
];

pub(super) struct Proxy {
    client: Client<HttpConnector, Full<Bytes>>,
    address: SocketAddr,
    running: watch::Receiver<bool>,
}

/// What the engine said.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    headers: HeaderMap,
    pub(super) body: Bytes,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum ProxyError {
    #[error("cannot build the request: {0}")]
    Request(#[from] http::Error),
    #[error("cannot reach the engine: {0}")]
    Reach(#[from] hyper_util::client::legacy::Error),
    #[error("the answer broke off: {0}")]
    Body(Box<dyn std::error::Error + Send + Sync>),
}

impl Proxy {
    pub(super) fn start(database: Database, stop: CancellationToken) -> Result<Self, StartError> {
        let failed = |error: std::io::Error| StartError::Tables(error.to_string());
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = std::net::TcpListener::bind(loopback).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (alive, running) = watch::channel(true);
        let serve = move || {
            if let Err(error) = serve(listener, database, stop) {
                tracing::error!(%error, "the embedded DynamoDB stopped");
            }
            alive.send_replace(false);
        };
        std::thread::Builder::new()
            .name("dynamodb".to_owned())
            .spawn(serve)
            .map_err(failed)?;
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self {
            client,
            address,
            running,
        })
    }

    pub(super) async fn forward(
        &self,
        exchange: &Exchange,
        body: Bytes,
    ) -> Result<Answer, ProxyError> {
        let body = if controls(&exchange.operation) {
            to_engine(body)
        } else {
            body
        };
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(format!("http://{}/", self.address))
            .body(Full::new(body))?;
        for name in FORWARDED {
            if let Some(value) = exchange.parts.headers.get(name) {
                request.headers_mut().insert(name, value.clone());
            }
        }
        let (parts, body) = self.client.request(request).await?.into_parts();
        let body = body
            .collect()
            .await
            .map_err(|error| ProxyError::Body(error.into()))?
            .to_bytes();
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        })
    }

    /// Waits until the engine has stopped, but not for ever.
    pub(super) async fn stopped(&self) {
        let mut running = self.running.clone();
        let stopped = running.wait_for(|running| !*running);
        if tokio::time::timeout(PATIENCE, stopped).await.is_err() {
            tracing::warn!("the embedded DynamoDB is still busy");
        }
    }
}

impl Answer {
    /// The same answer with another body.
    pub(super) fn with_body(self, body: Bytes) -> Self {
        Self { body, ..self }
    }

    pub(super) fn into_response(self, operation: &str) -> Response {
        let body = if controls(operation) {
            from_engine(self.body)
        } else {
            self.body
        };
        let mut response = plain(self.status, body);
        // The checksum the engine computed is left out: the body may not be the one it covered.
        for name in ["content-type", "x-amzn-requestid"] {
            if let Some(value) = self.headers.get(name) {
                response.headers_mut().insert(name, value.clone());
            }
        }
        response
    }
}

/// One thread with its own runtime: the engine works synchronously, and would hold up others.
fn serve(
    listener: std::net::TcpListener,
    database: Database,
    stop: CancellationToken,
) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(async move {
        let listener =
            tokio::net::TcpListener::from_std(listener).map_err(|error| error.to_string())?;
        let stop = stop.cancelled_owned();
        dynoxide::server::serve_with_shutdown(listener, database, stop).await
    })
}

/// Whether an operation speaks of ARNs. The others may carry such text as data, which stays as it is.
fn controls(operation: &str) -> bool {
    operation.ends_with("Table")
        || operation.ends_with("Stream")
        || operation.ends_with("Resource")
        || matches!(
            operation,
            "ListStreams" | "ListTagsOfResource" | "GetShardIterator"
        )
}

fn our_arn() -> String {
    format!("arn:aws:dynamodb:{REGION}:")
}

fn to_engine(body: Bytes) -> Bytes {
    replaced(body, &our_arn(), ENGINE_ARN)
}

fn from_engine(body: Bytes) -> Bytes {
    replaced(body, ENGINE_ARN, &our_arn())
}

fn replaced(body: Bytes, from: &str, to: &str) -> Bytes {
    match std::str::from_utf8(&body) {
        Ok(text) if text.contains(from) => text.replace(from, to).into(),
        _ => body,
    }
}
