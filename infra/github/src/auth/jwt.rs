//! The app's own JWT.

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use serde_json::Value;

use super::key::AppKey;
use crate::site::Site;

/// How far the app's clock may be ahead, in seconds.
const SKEW: i64 = 60;

/// The farthest `exp` may lie ahead, in seconds.
const LONGEST: i64 = 600;

/// Why a JWT is refused, in GitHub's words.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JwtError {
    #[error("A JSON web token could not be decoded")]
    Undecodable,
    #[error("'Issuer' claim ('iss') must be the App's ID or client ID")]
    Issuer,
    #[error(
        "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
    )]
    FromTheFuture,
    #[error(
        "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"
    )]
    Expired,
    #[error("'Expiration time' claim ('exp') is too far in the future")]
    TooLong,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: Value,
    iat: i64,
    exp: i64,
}

/// Checks signature, issuer and times of a JWT at the time `now` (seconds since 1970).
pub(crate) fn verify(jwt: &str, key: &AppKey, site: &Site, now: i64) -> Result<(), JwtError> {
    let (signed, signature) = jwt.rsplit_once('.').ok_or(JwtError::Undecodable)?;
    let (header, claims) = signed.split_once('.').ok_or(JwtError::Undecodable)?;
    let header: Header = part(header)?;
    let signature = bytes(signature)?;
    if header.alg != "RS256" || !key.verify(signed.as_bytes(), &signature) {
        return Err(JwtError::Undecodable);
    }
    let claims: Claims = part(claims)?;
    let issuer = match &claims.iss {
        Value::String(issuer) => issuer.clone(),
        other => other.to_string(),
    };
    if issuer != site.client_id && issuer != site.app_id.to_string() {
        return Err(JwtError::Issuer);
    }
    if claims.iat > now + SKEW {
        return Err(JwtError::FromTheFuture);
    }
    if claims.exp <= now {
        return Err(JwtError::Expired);
    }
    if claims.exp > now + LONGEST {
        return Err(JwtError::TooLong);
    }
    Ok(())
}

fn part<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, JwtError> {
    serde_json::from_slice(&bytes(text)?).map_err(|_| JwtError::Undecodable)
}

fn bytes(text: &str) -> Result<Vec<u8>, JwtError> {
    BASE64URL_NOPAD
        .decode(text.as_bytes())
        .map_err(|_| JwtError::Undecodable)
}
