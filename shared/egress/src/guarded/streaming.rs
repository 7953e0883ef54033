//! Exchanges whose bodies pass as they come, such as a model's events.

use std::{
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body::{Body, Frame, SizeHint};

use super::HttpError;

/// The error of a body that somebody else gives.
type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// A response whose head is here and whose body is still to come.
#[derive(Debug)]
pub struct Streaming {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    pub(super) rest: reqwest::Response,
}

impl Streaming {
    /// The next piece of the body, or nothing at its end. Its length is whatever has arrived.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, HttpError> {
        self.rest.chunk().await.map_err(HttpError::from_reqwest)
    }
}

/// A body that the HTTP client takes: it wants to share bodies between threads, although it never does.
pub(super) struct Upload<B>(Mutex<Pin<Box<B>>>);

impl<B> Upload<B> {
    pub(super) fn new(body: B) -> Self {
        Self(Mutex::new(Box::pin(body)))
    }
}

impl<B> Body for Upload<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BodyError>,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let inner = self.get_mut().0.get_mut();
        let inner = inner.unwrap_or_else(PoisonError::into_inner);
        inner.as_mut().poll_frame(context).map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.size_hint()
    }
}
