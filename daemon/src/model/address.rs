//! The server at the model's address.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use data_encoding::HEXLOWER;
use domain::Random;
use egress::{HttpError, Streaming};
use http::{HeaderMap, HeaderValue, StatusCode, header::CONTENT_TYPE, request::Parts};
use http_body_util::Limited;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::{net::TcpStream, time::timeout};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    Model, ModelAccess, Seen, Verdict,
    body::{Call, pass},
    headers,
    meter::Meter,
    paths,
};
use crate::connections::{Connections, HEAD_PATIENCE};

/// The largest request, which is the provider's own limit.
const REQUEST_LIMIT: usize = 32 * 1024 * 1024;
/// As much of an error is read, and passed on.
const ERROR_LIMIT: usize = 64 * 1024;
/// How long a connection may take to end after the job has.
const FAREWELL: Duration = Duration::from_secs(10);

/// The model's address of one job. Nothing is answered there once it is dropped.
#[derive(Debug)]
pub struct ModelAddress {
    access: ModelAccess,
    port: u16,
    seen: Arc<Seen>,
    closed: CancellationToken,
}

struct Gate {
    model: Model,
    token: SecretString,
    seen: Arc<Seen>,
    closed: CancellationToken,
}

impl Model {
    /// Serves one job on `listener`, wherever that was made, until the address is dropped. Fails if the listener
    /// cannot be used.
    pub fn serve(
        &self,
        listener: std::net::TcpListener,
        random: &dyn Random,
    ) -> std::io::Result<ModelAddress> {
        ModelAddress::serve(self, listener, random)
    }
}

impl ModelAddress {
    /// What the agent is given.
    pub fn access(&self) -> &ModelAccess {
        &self.access
    }

    /// The port of the loopback where it is.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// What has been seen so far.
    pub(crate) fn seen(&self) -> &Arc<Seen> {
        &self.seen
    }

    fn serve(
        model: &Model,
        listener: std::net::TcpListener,
        random: &dyn Random,
    ) -> std::io::Result<Self> {
        let at = listener.local_addr()?;
        let origin = format!("http://{at}");
        let connections = Connections::to(listener)?;
        let mut unique = [0_u8; 32];
        random.fill(&mut unique);
        let token = SecretString::from(format!("switchyard-job-{}", HEXLOWER.encode(&unique)));
        let access = ModelAccess::new(&model.provider, origin, token.clone());
        let (seen, closed) = (Arc::new(Seen::new()), CancellationToken::new());
        let gate = Gate {
            model: model.clone(),
            token,
            seen: seen.clone(),
            closed: closed.clone(),
        };
        let router = Router::new().fallback(answer).with_state(Arc::new(gate));
        tokio::spawn(attend(connections, router, closed.clone()));
        Ok(Self {
            access,
            port: at.port(),
            seen,
            closed,
        })
    }
}

impl Drop for ModelAddress {
    fn drop(&mut self) {
        self.closed.cancel();
    }
}

async fn attend(connections: Connections, router: Router, closed: CancellationToken) {
    loop {
        let (connection, place) = tokio::select! {
            () = closed.cancelled() => return,
            next = connections.next() => next,
        };
        let (router, closed) = (router.clone(), closed.clone());
        tokio::spawn(async move {
            converse(connection, router, &closed).await;
            drop(place);
        });
    }
}

/// Answers what is asked in one connection, until nothing is or the job is over.
async fn converse(connection: TcpStream, router: Router, closed: &CancellationToken) {
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE);
    let service = TowerToHyperService::new(router);
    let mut serving = std::pin::pin!(builder.serve_connection(TokioIo::new(connection), service));
    tokio::select! {
        // A connection that breaks off is the job's affair.
        _ended = serving.as_mut() => return,
        () = closed.cancelled() => serving.as_mut().graceful_shutdown(),
    }
    let _ended = timeout(FAREWELL, serving).await;
}

async fn answer(State(gate): State<Arc<Gate>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    if gate.closed.is_cancelled() || !headers::carries(&head.headers, &gate.token) {
        return problem(
            StatusCode::UNAUTHORIZED,
            "authentication_error",
            "This address is for one job only.",
        );
    }
    let provider = &gate.model.provider;
    let (method, uri) = (&head.method, &head.uri);
    let target = paths::target(
        provider.wire,
        &provider.base,
        method,
        uri.path(),
        uri.query(),
    );
    let Some(target) = target else {
        return problem(
            StatusCode::NOT_FOUND,
            "not_found_error",
            "Only the model is reached here.",
        );
    };
    if http_body::Body::size_hint(&body).lower() > REQUEST_LIMIT as u64 {
        return problem(
            StatusCode::PAYLOAD_TOO_LARGE,
            "request_too_large",
            "The request is too large.",
        );
    }
    tokio::select! {
        response = gate.forward(head, target, body) => response,
        () = gate.closed.cancelled() => problem(StatusCode::SERVICE_UNAVAILABLE, "api_error", "The job is over."),
    }
}

impl Gate {
    async fn forward(&self, head: Parts, target: Url, body: Body) -> Response {
        let provider = &self.model.provider;
        let counts = is_generation(head.uri.path());
        let Some(headers) = headers::outgoing(head.headers, provider.wire, &provider.credential)
        else {
            return problem(
                StatusCode::BAD_GATEWAY,
                "api_error",
                "The operator's key cannot be sent.",
            );
        };
        let request = egress::Request::new(head.method, target).headers(headers);
        let call = Call::open(self.seen.clone());
        let body = Limited::new(body, REQUEST_LIMIT);
        let response = match self.model.http.stream(request, body).await {
            Ok(response) => response,
            Err(error) => return unanswered(&error, &call),
        };
        let meter = counts.then(|| Meter::new(&response.headers));
        if response.status.is_success() {
            let (status, headers) = (response.status, headers::incoming(response.headers.clone()));
            let body = pass(response, meter, call, self.closed.clone());
            return (status, headers, body).into_response();
        }
        self.refused(response, &call, counts).await
    }

    /// Passes an error on, without the key if the provider repeats it there.
    async fn refused(&self, mut response: Streaming, call: &Call, counts: bool) -> Response {
        let status = response.status;
        let mut body = Vec::new();
        while let Ok(Some(piece)) = response.chunk().await {
            call.seen().passed();
            let room = ERROR_LIMIT.saturating_sub(body.len());
            body.extend_from_slice(piece.get(..room).unwrap_or(&piece));
            if body.len() == ERROR_LIMIT {
                break;
            }
        }
        let now = self.model.clock.now();
        let verdict = Verdict::of(status, &response.headers, &body, now);
        let verdict = verdict.filter(|verdict| counts || verdict.is_final());
        let mut headers: HeaderMap = headers::incoming(std::mem::take(&mut response.headers));
        if let Some(verdict) = verdict {
            if verdict.is_final() {
                // Programs that know this header do not try again what is refused for good.
                headers.insert("x-should-retry", HeaderValue::from_static("false"));
            }
            call.seen().failed(verdict, Some(status.as_u16()));
        }
        headers.remove(http::header::CONTENT_LENGTH);
        headers.remove(http::header::LOCATION);
        let key = self.model.secret().expose_secret();
        let text = String::from_utf8_lossy(&body).replace(key, "[key]");
        (status, headers, text).into_response()
    }
}

fn unanswered(error: &HttpError, call: &Call) -> Response {
    tracing::warn!(%error, "the model's provider could not be asked");
    call.seen().failed(Verdict::unavailable(), None);
    problem(
        StatusCode::BAD_GATEWAY,
        "api_error",
        "The model's provider did not answer.",
    )
}

/// Whether a path is one where the model itself is asked.
fn is_generation(path: &str) -> bool {
    !(path.ends_with("/count_tokens")
        || path.ends_with("/count-tokens")
        || path.contains("/models"))
}

/// An error in the form that all programs read.
fn problem(status: StatusCode, kind: &str, message: &str) -> Response {
    let body = serde_json::json!({"type": "error", "error": {"type": kind, "message": message}});
    let json = HeaderValue::from_static("application/json");
    (status, [(CONTENT_TYPE, json)], body.to_string()).into_response()
}
