//! Calls of daemons, with a token as `triage` and `worker` give them and the proof that a daemon makes.

use contract::{Claim, ClaimProof, worker::ClaimRequest};
use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, Timestamp};
use runs::{Grant, TokenKeys};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::{SampleError, lacking, set_headers};
use crate::secrets::Secrets;

/// How long the token is good for.
const VALID: SignedDuration = SignedDuration::from_hours(1);

/// Gives what the sample's token gives, from `now` on, and proves it if the sample does.
pub(super) fn sign(
    mut request: Value,
    secrets: &Secrets,
    now: Timestamp,
) -> Result<Value, SampleError> {
    let grant = granted(&request).ok_or_else(|| lacking("it has no token of a job"))?;
    let token = TokenKeys::new(secrets.tokens.clone(), None).sign(&renewed(&grant, now));
    let text = request["body"].as_str();
    let text = text.ok_or_else(|| lacking("it has no body"))?;
    let body = match serde_json::from_str(text) {
        Ok(claim @ ClaimRequest { proof: Some(_), .. }) => {
            let claim = proven(claim, &grant, &token, &secrets.daemons, now);
            serde_json::to_string(&claim).map_err(|_| lacking("its claim cannot be written"))?
        }
        // Any other call is proven by its token.
        Ok(_) | Err(_) => text.to_owned(),
    };
    let headers = [
        ("authorization", format!("Bearer {}", token.expose_secret())),
        ("content-length", body.len().to_string()),
    ];
    set_headers(&mut request, headers)?;
    request["body"] = body.into();
    Ok(request)
}

/// What the sample's own token gives. Nobody here can tell whether its signature is good, and nobody has to.
fn granted(request: &Value) -> Option<Grant> {
    let header = request["headers"]["authorization"].as_str()?;
    let (grant, _) = header.strip_prefix("Bearer ")?.split_once('.')?;
    let grant = BASE64URL_NOPAD.decode(grant.as_bytes()).ok()?;
    serde_json::from_slice(&grant).ok()
}

fn renewed(grant: &Grant, now: Timestamp) -> Grant {
    let end = now + VALID;
    match grant.clone() {
        Grant::Claim { job, until: _ } => Grant::Claim { job, until: end },
        Grant::Work {
            job,
            fence,
            daemon,
            trace,
            until: _,
        } => Grant::Work {
            job,
            fence,
            daemon,
            trace,
            until: end,
        },
    }
}

fn proven(
    claim: ClaimRequest,
    grant: &Grant,
    token: &SecretString,
    key: &SecretString,
    now: Timestamp,
) -> ClaimRequest {
    let said = Claim {
        job: grant.job().job,
        token: token.expose_secret(),
        daemon: &claim.daemon,
    };
    let proof = ClaimProof::new(key, said, now);
    ClaimRequest {
        proof: Some(proof),
        ..claim
    }
}
