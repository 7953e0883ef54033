//! Deliveries, signed as GitHub signs them.

use data_encoding::BASE64;
use domain::Random;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use simgithub::{sign_sha1, sign_sha256};
use uuid::Builder;

use super::{SampleError, lacking, set_headers};

/// What a URL says around a body that is delivered as it is.
const AROUND: &str = include_str!("../../../../events/webhook-function-url.json");

/// The event that GitHub names in a header, from the rest of a body's name: `issue-comment-created.json` with the action
/// `created` is `issue_comment`.
pub(super) fn event(rest: &str, body: &Value) -> String {
    let name = rest.trim_end_matches(".json");
    let action = body["action"].as_str().map(|action| format!("-{action}"));
    let event = action.and_then(|action| name.strip_suffix(action.as_str()));
    event.unwrap_or(name).replace('-', "_")
}

/// The request in which GitHub would deliver a body, as a delivery of its own.
pub(super) fn request(event: &str, body: &str, random: &dyn Random) -> Result<Value, SampleError> {
    let mut request: Value =
        serde_json::from_str(AROUND).map_err(|_| lacking("there is no sample of a delivery"))?;
    let mut id = [0; 16];
    random.fill(&mut id);
    let id = Builder::from_random_bytes(id).into_uuid().to_string();
    request["body"] = body.into();
    let named = [
        ("x-github-event", event.to_owned()),
        ("x-github-delivery", id),
    ];
    set_headers(&mut request, named)?;
    Ok(request)
}

/// Signs the bytes of the body, whatever way they are written in.
pub(super) fn sign(mut request: Value, secret: &SecretString) -> Result<Value, SampleError> {
    let text = request["body"].as_str();
    let text = text.ok_or_else(|| lacking("it has no body"))?;
    let bytes = if request["isBase64Encoded"] == true {
        let decoded = BASE64.decode(text.as_bytes());
        decoded.map_err(|_| lacking("its body is not in base64, as it says"))?
    } else {
        text.as_bytes().to_owned()
    };
    let secret = secret.expose_secret().as_bytes();
    let signatures = [
        ("content-length", bytes.len().to_string()),
        ("x-hub-signature", sign_sha1(secret, &bytes)),
        ("x-hub-signature-256", sign_sha256(secret, &bytes)),
    ];
    set_headers(&mut request, signatures)?;
    Ok(request)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_event_is_what_stands_before_the_action() {
        for (rest, body, expected) in [
            (
                "issue-comment-created.json",
                json!({"action": "created"}),
                "issue_comment",
            ),
            (
                "issues-labeled.json",
                json!({"action": "labeled"}),
                "issues",
            ),
            ("ping.json", json!({"zen": "…"}), "ping"),
        ] {
            assert_eq!(event(rest, &body), expected);
        }
    }
}
