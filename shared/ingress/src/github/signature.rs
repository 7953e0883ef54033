//! The signature over the raw body.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// The one header that is looked at. The older one of GitHub is SHA-1.
const HEADER: &str = "x-hub-signature-256";
const PREFIX: &[u8] = b"sha256=";
const LENGTH: usize = 32;

/// Why a signature does not hold. For the log only: whoever sent the request learns nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// There is none.
    #[error("there is no signature")]
    Missing,
    /// There is more than one.
    #[error("there is more than one signature")]
    Many,
    /// It is not `sha256=` and 64 lower-case hexadecimal digits.
    #[error("the signature has the wrong shape")]
    Shape,
    /// It was made with another secret or over other bytes.
    #[error("the signature does not match")]
    Mismatch,
}

/// Checks the signature against every secret, whichever of them matches, in constant time. An empty
/// secret verifies nothing.
pub(super) fn check(
    secrets: &[SecretString],
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(), SignatureFault> {
    let claimed = claimed(headers)?;
    let held = secrets
        .iter()
        .map(ExposeSecret::expose_secret)
        .filter(|secret| !secret.is_empty())
        .fold(false, |held, secret| held | matches(secret, body, &claimed));
    if held {
        Ok(())
    } else {
        Err(SignatureFault::Mismatch)
    }
}

fn claimed(headers: &HeaderMap) -> Result<[u8; LENGTH], SignatureFault> {
    let mut all = headers.get_all(HEADER).iter();
    let value = all.next().ok_or(SignatureFault::Missing)?.as_bytes();
    // A gateway joins several headers with a comma.
    if all.next().is_some() || value.contains(&b',') {
        return Err(SignatureFault::Many);
    }
    let digits = value.strip_prefix(PREFIX).ok_or(SignatureFault::Shape)?;
    let bytes = HEXLOWER.decode(digits).map_err(|_| SignatureFault::Shape)?;
    bytes.try_into().map_err(|_| SignatureFault::Shape)
}

fn matches(secret: &str, body: &[u8], claimed: &[u8; LENGTH]) -> bool {
    Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .is_ok_and(|mac| mac.chain_update(body).verify(claimed.into()).is_ok())
}
