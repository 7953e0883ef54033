//! The message for `triage`, small enough for the queue.

use blobs::{BlobError, Blobs};
use contract::{DeliveryBody, DeliveryMessage, PackedBody, Proven, Version};
use domain::{DeliveryId, Provider, TraceId};
use ingress::github::{Source, Verified};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Only letters, digits and hyphens of an id reach a key: its header is not covered by the signature.
const KEY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-');

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
        let key = key(message.proven.provider(), &message.delivery);
        bodies.put(&key, verified.document().clone().into()).await?;
        message.body = DeliveryBody::Stored { key };
    }
    Ok(message)
}

fn key(provider: Provider, delivery: &DeliveryId) -> String {
    format!(
        "deliveries/{provider}/{}",
        utf8_percent_encode(delivery.as_str(), KEY)
    )
}

/// How many bytes the message has as JSON; all of its texts are ASCII. One without a JSON form is refused
/// by the queue.
fn size(message: &DeliveryMessage) -> usize {
    serde_json::to_vec(message).map_or(0, |json| json.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_leaves_its_place_in_the_bucket() {
        let key_of = |id: &str| key(Provider::Github, &id.parse().unwrap());
        assert_eq!(
            key_of("72d3162e-cc78-11e3-81ab-4c9367dc0958"),
            "deliveries/github/72d3162e-cc78-11e3-81ab-4c9367dc0958"
        );
        assert_eq!(key_of("../x?a"), "deliveries/github/%2E%2E%2Fx%3Fa");
    }
}
