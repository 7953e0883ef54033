//! Who may call the endpoints.

use aws_config::SdkConfig;
use axum::response::Response;
use secrecy::{ExposeSecret as _, SecretString};

use crate::answers::text;
use crate::exchange::Exchange;
use crate::faults::AwsError;
use crate::sdk;

/// The header in which every AWS client sends the token of temporary credentials.
const TOKEN_HEADER: &str = "x-amz-security-token";
/// The same in a presigned address.
const TOKEN_FIELD: &str = "X-Amz-Security-Token=";

/// Who may call. Signatures are not looked at: whoever holds the session token may call as anybody.
#[derive(Clone, Debug)]
pub enum Access {
    /// Everybody who reaches the port.
    Anybody,
    /// Only who sends this session token, which consists of letters and digits.
    Holders(SecretString),
}

impl Access {
    /// The session token that clients have to send.
    pub fn token(&self) -> Option<&SecretString> {
        match self {
            Self::Anybody => None,
            Self::Holders(token) => Some(token),
        }
    }

    /// What a client of the endpoints at `url` needs to call as `caller`.
    pub(crate) fn sdk_config(&self, url: &str, caller: &str) -> SdkConfig {
        let token = self.token().map(|token| token.expose_secret().to_owned());
        sdk::config(url, caller, token)
    }

    /// The refusal of a call without the token.
    pub(crate) fn refuse(&self, exchange: &Exchange) -> Option<Response> {
        let needed = self.token()?.expose_secret();
        let header = text(&exchange.parts.headers, TOKEN_HEADER);
        let given = header.or_else(|| {
            let (_, rest) = exchange.parts.uri.query()?.split_once(TOKEN_FIELD)?;
            rest.split('&').next()
        });
        if given.is_some_and(|given| same(given, needed)) {
            return None;
        }
        Some(exchange.refusal(&AwsError {
            status: 403,
            code: "InvalidClientTokenId".to_owned(),
            message: "The security token included in the request is invalid.".to_owned(),
        }))
    }
}

/// Compares all of both, so that the time it takes says nothing about where they differ.
fn same(one: &str, other: &str) -> bool {
    let differing = one
        .bytes()
        .zip(other.bytes())
        .fold(0, |all, (a, b)| all | (a ^ b));
    one.len() == other.len() && differing == 0
}
