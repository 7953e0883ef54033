//! Receipt handles and random names.

use data_encoding::{BASE64, HEXLOWER};
use uuid::Builder;

use super::error::SqsError;

/// What a receipt handle says: which message of which queue, and by which receive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Receipt {
    pub(super) queue: i64,
    pub(super) row: i64,
    /// Random, new with every receive.
    pub(super) nonce: String,
}

impl Receipt {
    pub(super) fn handle(&self) -> String {
        BASE64.encode(format!("{}/{}/{}", self.queue, self.row, self.nonce).as_bytes())
    }

    /// Reads a handle that was given out for `queue`.
    pub(super) fn read(handle: Option<&str>, queue: i64) -> Result<Self, SqsError> {
        let handle = handle.ok_or_else(|| SqsError::missing("ReceiptHandle"))?;
        let read = Self::parse(handle).filter(|receipt| receipt.queue == queue);
        read.ok_or_else(|| SqsError::handle(handle))
    }

    fn parse(handle: &str) -> Option<Self> {
        let text = String::from_utf8(BASE64.decode(handle.as_bytes()).ok()?).ok()?;
        let mut parts = text.splitn(3, '/');
        let queue = parts.next()?.parse().ok()?;
        let row = parts.next()?.parse().ok()?;
        Some(Self {
            queue,
            row,
            nonce: parts.next()?.to_owned(),
        })
    }
}

/// Sixteen random hexadecimal digits.
pub(super) fn nonce() -> Result<String, SqsError> {
    random::<8>().map(|bytes| HEXLOWER.encode(&bytes))
}

/// A new message id.
pub(super) fn message_id() -> Result<String, SqsError> {
    random().map(|bytes| Builder::from_random_bytes(bytes).into_uuid().to_string())
}

fn random<const N: usize>() -> Result<[u8; N], SqsError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| SqsError::new("InternalFailure", error.to_string()))?;
    Ok(bytes)
}
