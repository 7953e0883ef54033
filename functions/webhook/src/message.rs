//! The message for `triage`, small enough for the queue.

use blobs::{BlobError, Blobs};
use contract::{DeliveryBody, DeliveryMessage, PackedBody, Proven, Version};
use data_encoding::HEXLOWER;
use domain::{Provider, TraceId};
use ingress::github::{Source, Verified};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

/// The message, with its document inside it if it fits and else in the bucket, where it is durable before
/// this returns.
pub(crate) async fn build(
    verified: &Verified,
    source: Source,
    trace: TraceId,
    received_at: Timestamp,
    bodies: &Blobs,
) -> Result<DeliveryMessage, BlobError> {
    let mut message = DeliveryMessage {
        version: Version,
        proven: Proven::App {
            provider: Provider::Github,
            installation: source.installation,
        },
        delivery: verified.delivery().clone(),
        event: verified.event().to_owned(),
        received_at,
        trace,
        repository: source.repository,
        body: DeliveryBody::Inline {
            data: PackedBody::pack(verified.document()),
        },
    };
    if size(&message) > DeliveryMessage::SIZE_LIMIT {
        let key = key(message.proven.provider(), verified.document());
        bodies.put(&key, verified.document().clone().into()).await?;
        message.body = DeliveryBody::Stored { key };
    }
    Ok(message)
}

/// A key that only this document has. The delivery's id would not do: no signature covers its header, so that another document
/// could take the place of this one before it is read.
fn key(provider: Provider, document: &[u8]) -> String {
    let digest = HEXLOWER.encode(&Sha256::digest(document));
    format!("deliveries/{provider}/{digest}")
}

/// How many bytes the message has as JSON; all of its texts are ASCII. One without a JSON form is refused
/// by the queue.
fn size(message: &DeliveryMessage) -> usize {
    serde_json::to_vec(message).map_or(0, |json| json.len())
}
