//! The bearer token of a request.

use axum::extract::FromRequestParts;
use http::{header::AUTHORIZATION, request::Parts};
use runs::WorkerError;
use secrecy::SecretString;

use crate::problem::Refused;

/// The token that a request carries. What it allows is for the use case to decide.
#[derive(Debug)]
pub(crate) struct Bearer(pub(crate) SecretString);

impl<S: Sync> FromRequestParts<S> for Bearer {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refused> {
        let mut headers = parts.headers.get_all(AUTHORIZATION).iter();
        let (Some(header), None) = (headers.next(), headers.next()) else {
            return Err(Refused(WorkerError::Unauthorized));
        };
        let token = header
            .to_str()
            .ok()
            .and_then(|text| text.strip_prefix("Bearer "));
        token
            .map(|token| Self(token.into()))
            .ok_or(Refused(WorkerError::Unauthorized))
    }
}
