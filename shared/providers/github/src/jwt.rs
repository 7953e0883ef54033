//! The token with which the app speaks for itself.

use std::sync::{Mutex, PoisonError};

use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde::Serialize;

use crate::key::{KeyError, SigningKey};

/// GitHub's clock may be behind this one.
const BACKDATED: SignedDuration = SignedDuration::from_secs(60);
/// GitHub accepts ten minutes at most; this leaves a minute for clocks that are ahead.
const LIFE: SignedDuration = SignedDuration::from_secs(540);
/// A token is replaced this long before its end.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// Makes the app's tokens and keeps the last one.
#[derive(Debug)]
pub(crate) struct AppTokens {
    issuer: String,
    key: SigningKey,
    last: Mutex<Option<(SecretString, Timestamp)>>,
}

#[derive(Serialize)]
struct Claims<'a> {
    iat: i64,
    exp: i64,
    iss: &'a str,
}

impl AppTokens {
    pub(crate) fn new(issuer: String, key: SigningKey) -> Self {
        Self {
            issuer,
            key,
            last: Mutex::new(None),
        }
    }

    /// A token that is good for a minute at least.
    pub(crate) fn get(&self, now: Timestamp) -> Result<SecretString, KeyError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((token, expires_at)) = &*last
            && *expires_at - MARGIN > now
            && *expires_at - LIFE <= now
        {
            return Ok(token.clone());
        }
        let token = self.make(now)?;
        *last = Some((token.clone(), now + LIFE));
        Ok(token)
    }

    fn make(&self, now: Timestamp) -> Result<SecretString, KeyError> {
        let claims = Claims {
            iat: (now - BACKDATED).as_second(),
            exp: (now + LIFE).as_second(),
            iss: &self.issuer,
        };
        let claims = serde_json::to_vec(&claims).unwrap_or_default();
        let header = BASE64URL_NOPAD.encode(br#"{"alg":"RS256","typ":"JWT"}"#);
        let signed = format!("{header}.{}", BASE64URL_NOPAD.encode(&claims));
        let signature = BASE64URL_NOPAD.encode(&self.key.sign(signed.as_bytes())?);
        Ok(format!("{signed}.{signature}").into())
    }
}

#[cfg(test)]
#[path = "jwt_tests.rs"]
mod tests;
