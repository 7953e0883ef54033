//! Reading paths, queries and bodies, with GitHub's errors where they are wrong.

use std::collections::HashMap;

use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use bytes::Bytes;
use http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::auth::caller::Caller;
use crate::error::Error;

/// The variables of a path; anything unreadable is no path of ours.
pub(super) struct At<T>(pub(super) T);

impl<S, T> FromRequestParts<S> for At<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let path = Path::from_request_parts(parts, state).await;
        path.map(|Path(value)| Self(value))
            .map_err(|_| Error::NotFound)
    }
}

/// The query of a URL.
pub(super) struct Params(HashMap<String, String>);

impl Params {
    /// The value of a parameter, if it is there.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A number, or `default` where it is missing or unreadable.
    pub(super) fn number(&self, name: &str, default: u64) -> u64 {
        self.get(name)
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let query = Query::from_request_parts(parts, state).await;
        let refused = |_| Error::BadRequest("Problems parsing the query".to_owned());
        query.map(|Query(values)| Self(values)).map_err(refused)
    }
}

/// Whom the request comes from, as the gate has found out.
pub(super) struct Asking(pub(super) Caller);

impl<S: Send + Sync> FromRequestParts<S> for Asking {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Ok(Self(
            parts.extensions.get().cloned().unwrap_or(Caller::Anonymous),
        ))
    }
}

/// A JSON object as body; an empty body counts as an empty object.
pub(super) struct Payload<T>(pub(super) T);

impl<S, T> FromRequest<S> for Payload<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let unreadable = || Error::BadRequest("Problems parsing JSON".to_owned());
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|_| unreadable())?;
        let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        let value: Value = serde_json::from_slice(text).map_err(|_| unreadable())?;
        let value = serde_json::from_value(value);
        value
            .map(Self)
            .map_err(|error| Error::Unprocessable(format!("Invalid request.\n\n{error}")))
    }
}
