//! HTTP/1.1 over TLS for the SDK's clients.

use std::{
    error::Error,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use aws_smithy_runtime_api::client::{
    connection::{CaptureSmithyConnection, ConnectionMetadata},
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{
        Client,
        connect::{CaptureConnection, HttpConnector as Tcp, capture_connection},
    },
    rt::{TokioExecutor, TokioTimer},
};
use tokio::time::{error::Elapsed, timeout};
use tower::Service;

/// How long making a connection may take, its handshake included.
pub(crate) const CONNECT: Duration = Duration::from_secs(2);

type BoxError = Box<dyn Error + Send + Sync>;

/// Connections to AWS. The SDK's own client cannot be had without HTTP/2, which no service that functions call
/// needs, and which would be a twelfth of each program. Retries and the time of a whole call are the SDK's.
#[derive(Clone, Debug)]
pub(crate) struct Transport(Client<Limited, SdkBody>);

impl Transport {
    /// Trusts the authorities that the machine trusts. Making a connection may take `connect`. Where the address is
    /// no TLS one, as on a laptop, nothing is encrypted.
    pub(crate) fn new(connect: Duration) -> Self {
        let mut roots = rustls::RootCertStore::empty();
        // What cannot be read is not trusted, which the first connection will say.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let config = rustls::ClientConfig::builder().with_root_certificates(roots);
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(config.with_no_client_auth())
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp());
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .build(Limited { connector, connect });
        Self(client)
    }
}

/// What connects, also where TLS follows. The end of a request is sent at once, and not held back until what was sent
/// before is acknowledged.
fn tcp() -> Tcp {
    let mut tcp = Tcp::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp
}

impl HttpClient for Transport {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Transport {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => {
                return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into())));
            }
        };
        let connection = capture_connection(&mut request);
        if let Some(wanted) = request.extensions().get::<CaptureSmithyConnection>() {
            wanted.set_connection_retriever(move || known(&connection));
        }
        let answer = self.0.request(request);
        HttpConnectorFuture::new(async move {
            let answer = answer.await.map_err(|error| classified(error.into()))?;
            HttpResponse::try_from(answer.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// The connection that a request went over, so that the SDK does not use it again after a failure that may be the
/// connection's own.
fn known(connection: &CaptureConnection) -> Option<ConnectionMetadata> {
    connection.connection_metadata().as_ref()?;
    let connection = connection.clone();
    let poison = move || {
        if let Some(connected) = connection.connection_metadata().as_ref() {
            connected.poison();
        }
    };
    let known = ConnectionMetadata::builder().proxied(false);
    Some(known.poison_fn(poison).build())
}

/// What the SDK decides about trying again by. Whatever keeps a request from being answered is the connection's
/// failure, since the request's own form was checked before.
fn classified(error: BoxError) -> ConnectorError {
    let mut next: Option<&(dyn Error + 'static)> = Some(&*error);
    let mut sources = std::iter::from_fn(|| {
        let one = next?;
        next = one.source();
        Some(one)
    });
    if sources.any(<dyn Error>::is::<Elapsed>) {
        ConnectorError::timeout(error)
    } else {
        ConnectorError::io(error)
    }
}

/// Makes connections within a time.
#[derive(Clone, Debug)]
struct Limited {
    connector: HttpsConnector<Tcp>,
    connect: Duration,
}

impl Service<Uri> for Limited {
    type Response = <HttpsConnector<Tcp> as Service<Uri>>::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connected = timeout(self.connect, self.connector.call(uri));
        Box::pin(async move { connected.await? })
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    async fn call(url: String) -> Result<HttpResponse, ConnectorError> {
        let request = http::Request::get(url).body(SdkBody::empty()).unwrap();
        let transport = Transport::new(Duration::from_millis(50));
        transport.call(request.try_into().unwrap()).await
    }

    #[tokio::test]
    async fn an_answer_comes_with_its_status_and_body() {
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", server.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = server.accept().await.unwrap();
            stream.read_buf(&mut Vec::new()).await.unwrap();
            let answer = b"HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\n\r\nnone";
            stream.write_all(answer).await.unwrap();
        });
        let answer = call(url).await.unwrap();
        assert_eq!(answer.status().as_u16(), 404);
        let body = aws_smithy_types::byte_stream::ByteStream::new(answer.into_body());
        assert_eq!(body.collect().await.unwrap().into_bytes(), "none");
    }

    #[tokio::test]
    async fn who_never_finishes_a_handshake_is_given_up() {
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}/", server.local_addr().unwrap());
        let error = call(url).await.unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
    }

    #[tokio::test]
    async fn connections_that_are_refused_or_broken_off_may_be_tried_again() {
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", server.local_addr().unwrap());
        tokio::spawn(async move { drop(server.accept().await) });
        let error = call(url.clone()).await.unwrap_err();
        assert!(error.is_io(), "{error:?}");
        let error = call(url).await.unwrap_err();
        assert!(error.is_io(), "{error:?}");
    }
}
