//! Connections, which must be droppable without an answer.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::response::Response;
use bytes::Bytes;
use http::Request;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tower::{BoxError, Service, ServiceExt};

use super::address;
use super::observe::NoAnswer;
use crate::hub::Hub;

/// How long a connection may take to end when the simulation stops.
const PATIENCE: Duration = Duration::from_secs(4);

/// Accepts connections until the simulation stops.
pub(super) async fn accept(hub: Arc<Hub>, listener: TcpListener, router: Router) {
    loop {
        tokio::select! {
            () = hub.stop.cancelled() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    hub.tasks.spawn(serve(Arc::clone(&hub), stream, router.clone()));
                }
                Err(error) => tracing::warn!(%error, "cannot accept a connection"),
            },
        }
    }
}

async fn serve(hub: Arc<Hub>, stream: TcpStream, router: Router) {
    let builder = Builder::new(TokioExecutor::new());
    let service = TowerToHyperService::new(answering(Arc::clone(&hub), router));
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = hub.stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            match tokio::time::timeout(PATIENCE, connection).await {
                Ok(ended) => ended,
                Err(_) => return,
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(error = %error, "a connection ended early");
    }
}

/// The router, except that an answer marked [`NoAnswer`] fails the connection.
fn answering<B>(
    hub: Arc<Hub>,
    router: Router,
) -> impl Service<
    Request<B>,
    Response = Response<Body>,
    Error = BoxError,
    Future = impl Future<Output = Result<Response<Body>, BoxError>> + Send,
> + Clone
where
    B: HttpBody<Data = Bytes> + Send + Sync + 'static,
    B::Error: Into<BoxError>,
{
    tower::service_fn(move |request: Request<B>| {
        let (hub, router) = (Arc::clone(&hub), router.clone());
        async move {
            let request = address::known(&hub, request).await;
            let response = router.oneshot(request).await?;
            if response.extensions().get::<NoAnswer>().is_some() {
                return Err("the connection is dropped on purpose".into());
            }
            Ok(response)
        }
    })
}
