//! One plain address for the functions' URLs.
//!
//! Neither the simulated GitHub nor a person's browser trusts the emulator's certificate, so this passes on what it
//! is sent, byte for byte.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context as _, Result};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{StatusCode, header::HOST},
    response::{IntoResponse as _, Response},
};
use tokio::{net::TcpListener, task::JoinHandle};
use url::Url;

use crate::caller::Caller;

/// More than the largest body that the functions take.
const LIMIT: usize = 32 * 1024 * 1024;

/// The front. Dropping it stops it.
#[derive(Debug)]
pub(crate) struct Front {
    pub(crate) url: Url,
    task: JoinHandle<std::io::Result<()>>,
}

#[derive(Clone)]
struct Behind {
    caller: Caller,
    webhook: Url,
    worker: Url,
}

impl Front {
    /// Serves the bases of two functions: `/webhooks/` of the one, everything else of the other.
    pub(crate) async fn start(
        port: u16,
        caller: Caller,
        webhook: Url,
        worker: Url,
    ) -> Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("{address} cannot be listened on"))?;
        let url = format!("http://{}/", listener.local_addr()?).parse()?;
        let behind = Behind {
            caller,
            webhook,
            worker,
        };
        let router = Router::new().fallback(pass).with_state(behind);
        let task = tokio::spawn(async { axum::serve(listener, router).await });
        Ok(Self { url, task })
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(State(behind): State<Behind>, request: Request) -> Response {
    match passed(&behind, request).await {
        Ok(response) => response,
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{error:#}")).into_response(),
    }
}

async fn passed(behind: &Behind, request: Request) -> Result<Response> {
    let (mut parts, body) = request.into_parts();
    let body = to_bytes(body, LIMIT).await?;
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let base = if path.starts_with("/webhooks/") {
        &behind.webhook
    } else {
        &behind.worker
    };
    let url = base.join(path.trim_start_matches('/'))?;
    parts.headers.remove(HOST);
    let answer = behind
        .caller
        .send(parts.method, &url, parts.headers, body.into())
        .await?;
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    for (name, value) in &answer.headers {
        // The length and the framing are those of this answer.
        if !matches!(
            name.as_str(),
            "content-length" | "transfer-encoding" | "connection"
        ) {
            response.headers_mut().append(name, value.clone());
        }
    }
    Ok(response)
}
