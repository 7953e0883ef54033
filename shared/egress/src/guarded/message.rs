//! Requests and responses, whole.

use std::time::Duration;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use url::Url;

use super::HttpError;

/// A request that can be sent, and sent again.
#[derive(Clone, Debug)]
pub struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) timeout: Option<Duration>,
}

impl Request {
    /// A request without headers or body.
    pub fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            timeout: None,
        }
    }

    /// Where it goes.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Sends it elsewhere.
    #[must_use]
    pub fn at(mut self, url: Url) -> Self {
        self.url = url;
        self
    }

    /// Sets a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets all headers, in place of those it has.
    #[must_use]
    pub fn headers(mut self, headers: HeaderMap) -> Self {
        self.headers = headers;
        self
    }

    /// Asks for a media type.
    #[must_use]
    pub fn accept(self, media_type: &'static str) -> Self {
        self.header(ACCEPT, HeaderValue::from_static(media_type))
    }

    /// Authorises it with `token`, which stays out of debug output. Fails with
    /// [`HttpError::Unsendable`] if the token holds characters that no header may hold.
    pub fn bearer(self, token: &SecretString) -> Result<Self, HttpError> {
        let text = format!("Bearer {}", token.expose_secret());
        let mut value = HeaderValue::try_from(text).map_err(|_| HttpError::Unsendable)?;
        value.set_sensitive(true);
        Ok(self.header(AUTHORIZATION, value))
    }

    /// Gives it a JSON body. Fails with [`HttpError::Unsendable`] if `body` has no JSON form.
    pub fn json<T: Serialize + ?Sized>(mut self, body: &T) -> Result<Self, HttpError> {
        self.body = serde_json::to_vec(body)
            .map_err(|_| HttpError::Unsendable)?
            .into();
        Ok(self.header(CONTENT_TYPE, HeaderValue::from_static("application/json")))
    }

    /// With a body of a kind that a header names.
    #[must_use]
    pub fn body(mut self, body: Bytes) -> Self {
        self.body = body;
        self
    }

    /// Waits at most `limit` for the whole exchange instead of the client's own limit.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }
}

/// A response, read to its end.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, within the client's limit.
    pub body: Bytes,
}

impl Response {
    /// A header's text, if it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }
}
