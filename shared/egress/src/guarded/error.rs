//! What can go wrong with a request.

use std::error::Error;

use super::Refused;

/// Why there is no response. Addresses are left out of the texts: they may hold what is not for logs.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The destination is not one that may be reached.
    #[error("the destination is refused: {0}")]
    Refused(#[from] Refused),
    /// There was no complete response in time. Whether the request was carried out is unknown.
    #[error("there was no answer in time")]
    TimedOut,
    /// No connection could be made, so nothing was carried out.
    #[error("no connection could be made")]
    Unreachable(#[source] reqwest::Error),
    /// The exchange broke off. Whether the request was carried out is unknown.
    #[error("the exchange broke off")]
    Broken(#[source] reqwest::Error),
    /// The response is longer than the client takes.
    #[error("the response is longer than {limit} bytes")]
    TooLarge {
        /// The most bytes the client takes.
        limit: usize,
    },
    /// A header or the body of the request has no valid form.
    #[error("the request has no valid form")]
    Unsendable,
}

/// The HTTP client cannot be made, as when the machine has no certificate authorities.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The machine's trusted authorities cannot be used.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
    /// The operator's own authorities are no certificates in PEM.
    #[error("the authorities are no certificates in PEM")]
    Authorities,
    /// The settings do not make a client.
    #[error("the HTTP client cannot be made")]
    Client(#[source] reqwest::Error),
}

impl HttpError {
    /// Whether trying again may help.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::TimedOut | Self::Unreachable(_) | Self::Broken(_)
        )
    }

    pub(super) fn from_reqwest(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if let Some(refused) = refusal(&error) {
            Self::Refused(refused)
        } else if error.is_timeout() {
            Self::TimedOut
        } else if error.is_connect() {
            Self::Unreachable(error)
        } else if error.is_builder() {
            Self::Unsendable
        } else {
            Self::Broken(error)
        }
    }
}

/// The resolver's refusal, which arrives wrapped in the connector's errors.
fn refusal(error: &reqwest::Error) -> Option<Refused> {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(refused) = inner.downcast_ref::<Refused>() {
            return Some(*refused);
        }
        cause = inner.source();
    }
    None
}
