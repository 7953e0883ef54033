//! AWS as a function meets it: a TLS address for every service, with each connection and request counted.
//!
//! Parameter Store is answered here; everything else is passed on to the endpoints.

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use anyhow::{Context, Result};
use axum::{
    Json, Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
    serve::Listener,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// What has come in since the last look.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traffic {
    /// TLS handshakes that were finished: one for every connection.
    pub(crate) handshakes: u32,
    /// Requests, by operation.
    pub(crate) requests: Vec<String>,
    /// When the first connection came.
    pub(crate) first: Option<Instant>,
}

type Shared = Arc<Mutex<Traffic>>;

/// The services, as the variables that lead elsewhere name them.
const SERVICES: [&str; 4] = ["DYNAMODB", "SQS", "S3", "SSM"];

/// The addresses.
pub(crate) struct Front {
    urls: Vec<(String, String)>,
    traffic: Shared,
    servers: Vec<JoinHandle<()>>,
}

#[derive(Clone)]
struct Passing {
    behind: String,
    parameters: Arc<HashMap<String, String>>,
    client: Client<HttpConnector, Body>,
    traffic: Shared,
}

impl Front {
    /// Stands in front of `behind`. Parameter Store holds `parameters`, by their full names.
    pub(crate) async fn start(
        behind: &str,
        parameters: HashMap<String, String>,
        authority: &Authority,
    ) -> Result<Self> {
        let traffic = Shared::default();
        let mut connector = HttpConnector::new();
        // Else who sends a head before its body would wait for an acknowledgement in between.
        connector.set_nodelay(true);
        let passing = Passing {
            behind: behind.to_owned(),
            parameters: Arc::new(parameters),
            client: Client::builder(TokioExecutor::new()).build(connector),
            traffic: Arc::clone(&traffic),
        };
        let router = Router::new().fallback(answer).with_state(passing);
        let (mut urls, mut servers) = (Vec::new(), Vec::new());
        for service in SERVICES {
            let listener = TlsListener {
                tcp: TcpListener::bind("127.0.0.1:0").await?,
                tls: authority.server()?,
                traffic: Arc::clone(&traffic),
            };
            let port = listener.tcp.local_addr()?.port();
            urls.push((
                format!("AWS_ENDPOINT_URL_{service}"),
                format!("https://localhost:{port}"),
            ));
            let router = router.clone();
            servers.push(tokio::spawn(async move {
                axum::serve(listener, router).await.ok();
            }));
        }
        Ok(Self {
            urls,
            traffic,
            servers,
        })
    }

    /// The variables that lead a function here.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (String, String)> {
        self.urls.iter().cloned()
    }

    /// What has come in, and starts again from nothing.
    pub(crate) fn take(&self) -> Traffic {
        std::mem::take(&mut *lock(&self.traffic))
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        for server in &self.servers {
            server.abort();
        }
    }
}

async fn answer(State(passing): State<Passing>, request: Request) -> Response {
    let target = request.headers().get("x-amz-target");
    let target = target.and_then(|value| value.to_str().ok());
    let operation = target.map_or_else(|| request.method().to_string(), str::to_owned);
    lock(&passing.traffic).requests.push(operation.clone());
    let answered = if operation == "AmazonSSM.GetParameters" {
        passing.parameters(request).await
    } else {
        passing.pass_on(request).await
    };
    answered.unwrap_or_else(|error| (StatusCode::BAD_GATEWAY, error.to_string()).into_response())
}

impl Passing {
    async fn parameters(&self, request: Request) -> Result<Response> {
        let body = to_bytes(request.into_body(), 1 << 20).await?;
        let asked: Value = serde_json::from_slice(&body)?;
        let names = asked["Names"].as_array().into_iter().flatten();
        let (mut found, mut unknown) = (Vec::new(), Vec::new());
        for name in names.filter_map(Value::as_str) {
            match self.parameters.get(name) {
                Some(value) => found.push(
                    json!({ "Name": name, "Type": "SecureString", "Value": value, "Version": 1 }),
                ),
                None => unknown.push(name),
            }
        }
        Ok(Json(json!({ "Parameters": found, "InvalidParameters": unknown })).into_response())
    }

    async fn pass_on(&self, mut request: Request) -> Result<Response> {
        let path = request
            .uri()
            .path_and_query()
            .map_or("/", |path| path.as_str());
        *request.uri_mut() = format!("{}{path}", self.behind).parse::<Uri>()?;
        Ok(self.client.request(request).await?.map(Body::new))
    }
}

/// Accepts connections and counts them once they are encrypted.
struct TlsListener {
    tcp: TcpListener,
    tls: TlsAcceptor,
    traffic: Shared,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let Ok((stream, address)) = self.tcp.accept().await else {
                continue;
            };
            lock(&self.traffic).first.get_or_insert_with(Instant::now);
            stream.set_nodelay(true).ok();
            if let Ok(stream) = self.tls.accept(stream).await {
                lock(&self.traffic).handshakes += 1;
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.tcp.local_addr()
    }
}

/// Files of trusted authorities.
pub(crate) struct Trusted {
    /// As many as the machine trusts, as a function would read on AWS, and the addresses' own.
    pub(crate) all: String,
    /// The addresses' own alone.
    pub(crate) own: String,
}

/// Whoever signs the address's certificate, for this run only.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Result<Self> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        // Under one name with what it signs, OpenSSL would take that to be signed by itself.
        let names = &mut params.distinguished_name;
        names.push(DnType::CommonName, "the bench's authority");
        Ok(Self(CertifiedIssuer::self_signed(
            params,
            KeyPair::generate()?,
        )?))
    }

    /// Writes files of trusted authorities into `directory`. Says how many there are.
    pub(crate) fn trust(&self, directory: &Path) -> Result<(Trusted, usize)> {
        let usual = [
            "/etc/ssl/certs/ca-certificates.crt",
            "/etc/pki/tls/certs/ca-bundle.crt",
            "/etc/ssl/cert.pem",
        ];
        let usual = usual
            .iter()
            .find_map(|path| std::fs::read_to_string(path).ok());
        let own = self.0.pem();
        let all = format!("{}\n{own}", usual.unwrap_or_default());
        let count = all.matches("BEGIN CERTIFICATE").count();
        let write = |name: &str, text: &str| -> Result<String> {
            let file = directory.join(name);
            std::fs::write(&file, text)?;
            Ok(file.to_str().context("a path")?.to_owned())
        };
        let trusted = Trusted {
            all: write("trusted.pem", &all)?,
            own: write("authority.pem", &own)?,
        };
        Ok((trusted, count))
    }

    fn server(&self) -> Result<TlsAcceptor> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(vec!["localhost".to_owned()])?;
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.0)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

fn lock(traffic: &Shared) -> std::sync::MutexGuard<'_, Traffic> {
    traffic.lock().unwrap_or_else(PoisonError::into_inner)
}
