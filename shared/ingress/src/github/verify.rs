//! Whether a request comes from GitHub, and what it delivers.

use bytes::Bytes;
use domain::DeliveryId;
use http::{
    HeaderMap,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
};
use secrecy::SecretString;

use super::{SignatureFault, form, signature};

const EVENT: &str = "x-github-event";
const DELIVERY: &str = "x-github-delivery";
/// The names of GitHub's events are shorter.
const EVENT_LENGTH: usize = 64;

/// A delivery whose bytes were verified. Its headers were not: the signature covers the body alone. Only [`verify`]
/// makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    delivery: DeliveryId,
    event: String,
    document: Bytes,
}

impl Verified {
    /// GitHub's id for the delivery, the same when it is sent again.
    pub fn delivery(&self) -> &DeliveryId {
        &self.delivery
    }

    /// GitHub's name for the event.
    pub fn event(&self) -> &str {
        &self.event
    }

    /// The delivered document, supposedly JSON; nobody has read it yet.
    pub fn document(&self) -> &Bytes {
        &self.document
    }
}

/// Why a request is not a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// It does not prove that it comes from GitHub. Nothing else is told about such a request.
    #[error("{0}")]
    Signature(#[from] SignatureFault),
    /// A header that GitHub always sends is missing, doubled or malformed.
    #[error("the header {name} is missing or malformed")]
    Header {
        /// The header's name.
        name: &'static str,
    },
    /// The body is encoded; GitHub encodes none.
    #[error("the body has a content encoding")]
    ContentEncoding,
    /// The body is neither JSON nor a form.
    #[error("the body is neither JSON nor a form")]
    ContentType,
    /// The form does not hold exactly one field `payload`.
    #[error("the form does not hold exactly one payload")]
    Form,
}

/// Verifies the raw bytes of a request against one or two active secrets, before anything else is looked
/// at, and takes the delivered document out of them.
pub fn verify(
    secrets: &[SecretString],
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Verified, VerifyError> {
    signature::check(secrets, headers, body)?;
    if headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .any(|value| value != "identity")
    {
        return Err(VerifyError::ContentEncoding);
    }
    let document = match media_type(headers)?.as_str() {
        "application/json" => body.clone(),
        "application/x-www-form-urlencoded" => form::payload(body).ok_or(VerifyError::Form)?,
        _ => return Err(VerifyError::ContentType),
    };
    let delivery = one(headers, DELIVERY)
        .and_then(|text| text.parse().ok())
        .ok_or(VerifyError::Header { name: DELIVERY })?;
    let event = one(headers, EVENT)
        .filter(|name| is_event_name(name))
        .ok_or(VerifyError::Header { name: EVENT })?;
    Ok(Verified {
        delivery,
        event: event.to_owned(),
        document,
    })
}

/// The media type in lower case, without parameters.
fn media_type(headers: &HeaderMap) -> Result<String, VerifyError> {
    let value = one(headers, CONTENT_TYPE.as_str()).ok_or(VerifyError::ContentType)?;
    let kind = value.split(';').next().unwrap_or_default();
    Ok(kind.trim().to_ascii_lowercase())
}

/// The text of a header that is there once.
fn one<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut all = headers.get_all(name).iter();
    let value = all.next()?.to_str().ok()?;
    all.next().is_none().then_some(value)
}

fn is_event_name(name: &str) -> bool {
    (1..=EVENT_LENGTH).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}
