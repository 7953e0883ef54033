//! The client itself.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::{ClientBuilder, Proxy, redirect::Policy};
use rustls::ClientConfig;
use tracing::{Instrument as _, Span, field::Empty, info_span};
use url::Url;

use super::{
    HttpError, Request, Response, SetupError,
    destination::{Destinations, Route},
    resolver::PublicResolver,
    streaming::{Streaming, Upload},
};
use crate::tls;

/// How the client behaves.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Origins (scheme, host and port) that are trusted as they are; paths are not looked at.
    pub trusted: Vec<Url>,
    /// What the client calls itself.
    pub user_agent: &'static str,
    /// How long making a connection may take.
    pub connect_timeout: Duration,
    /// How long the whole exchange may take.
    pub timeout: Duration,
    /// The most bytes a response may have.
    pub body_limit: usize,
    /// The operator's proxy for everything, if the machine has no way out of its own.
    pub proxy: Option<Url>,
    /// Authorities in PEM that are trusted beside the machine's own.
    pub authorities: Option<Vec<u8>>,
}

impl HttpSettings {
    /// The usual limits: 3 seconds to connect, 10 for the exchange, 8 MiB for the response.
    pub fn new(trusted: Vec<Url>) -> Self {
        Self {
            trusted,
            user_agent: concat!("switchyard/", env!("CARGO_PKG_VERSION")),
            connect_timeout: Duration::from_secs(3),
            timeout: Duration::from_secs(10),
            body_limit: 8 * 1024 * 1024,
            proxy: None,
            authorities: None,
        }
    }
}

/// The guarded HTTP client. It goes to the origins that the operator trusts, and otherwise only over
/// TLS to port 443 of public addresses. It follows no redirect, uses no proxy but the one in its settings,
/// and keeps no cookies. Clones share their connections.
#[derive(Clone, Debug)]
pub struct HttpClient {
    destinations: Destinations,
    trusted: reqwest::Client,
    public: reqwest::Client,
    body_limit: usize,
}

impl HttpClient {
    /// Makes the client and installs the process's TLS provider.
    pub fn new(settings: &HttpSettings) -> Result<Self, SetupError> {
        tls::install();
        let tls = match &settings.authorities {
            None => tls::client_config().map_err(SetupError::Tls)?,
            Some(pem) => tls::with_authorities(pem)?,
        };
        let public = builder(settings, tls.clone())
            .map_err(SetupError::Client)?
            .https_only(true)
            .dns_resolver(PublicResolver);
        Ok(Self {
            destinations: Destinations::new(&settings.trusted),
            trusted: builder(settings, tls)
                .and_then(ClientBuilder::build)
                .map_err(SetupError::Client)?,
            public: public.build().map_err(SetupError::Client)?,
            body_limit: settings.body_limit,
        })
    }

    /// Sends `request` once and reads the whole response. Every status is a response, not an error.
    pub async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let span = span(&request);
        let sent = self.exchange(request).instrument(span.clone()).await;
        match &sent {
            Ok(response) => {
                let status = response.status;
                span.record("http.response.status_code", status.as_u16());
                if status.is_client_error() || status.is_server_error() {
                    span.record("error.type", status.as_str());
                }
            }
            Err(_) => {
                span.record("error.type", "unanswered");
            }
        }
        sent
    }

    /// Sends `request` with `body` as it comes, and gives the response back as soon as its head is here. The client's
    /// limit of size does not hold, its limit of time holds for the whole exchange.
    pub async fn stream<B>(&self, request: Request, body: B) -> Result<Streaming, HttpError>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let client = self.route(&request.url)?;
        let sending = client
            .request(request.method, request.url)
            .headers(request.headers)
            .body(reqwest::Body::wrap(Upload::new(body)))
            .send();
        let mut rest = sending.await.map_err(HttpError::from_reqwest)?;
        let (status, headers) = (rest.status(), std::mem::take(rest.headers_mut()));
        Ok(Streaming {
            status,
            headers,
            rest,
        })
    }

    fn route(&self, url: &Url) -> Result<&reqwest::Client, HttpError> {
        Ok(match self.destinations.admit(url)? {
            Route::Trusted => &self.trusted,
            Route::Public => &self.public,
        })
    }

    async fn exchange(&self, request: Request) -> Result<Response, HttpError> {
        let client = self.route(&request.url)?;
        let mut outgoing = client
            .request(request.method, request.url)
            .headers(request.headers)
            .body(request.body);
        if let Some(limit) = request.timeout {
            outgoing = outgoing.timeout(limit);
        }
        let mut incoming = outgoing.send().await.map_err(HttpError::from_reqwest)?;
        let (status, headers) = (incoming.status(), std::mem::take(incoming.headers_mut()));
        let body = read(incoming, self.body_limit).await?;
        Ok(Response {
            status,
            headers,
            body,
        })
    }
}

/// The span of an exchange, which is made for export only. Queries and headers may hold secrets and are not in it.
fn span(request: &Request) -> Span {
    info_span!(
        target: "otel",
        "http",
        otel.kind = "client",
        otel.name = request.method.as_str(),
        http.request.method = request.method.as_str(),
        server.address = request.url.host_str(),
        server.port = request.url.port_or_known_default(),
        url.path = request.url.path(),
        http.response.status_code = Empty,
        "error.type" = Empty,
    )
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the guarded client that others are sent to"
)]
fn builder(settings: &HttpSettings, tls: ClientConfig) -> Result<ClientBuilder, reqwest::Error> {
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(settings.user_agent)
        .connect_timeout(settings.connect_timeout)
        .timeout(settings.timeout)
        .redirect(Policy::none())
        .no_proxy()
        .referer(false);
    Ok(match &settings.proxy {
        Some(proxy) => builder.proxy(Proxy::all(proxy.clone())?),
        None => builder,
    })
}

async fn read(mut response: reqwest::Response, limit: usize) -> Result<Bytes, HttpError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(HttpError::from_reqwest)? {
        if body.len() + chunk.len() > limit {
            return Err(HttpError::TooLarge { limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
