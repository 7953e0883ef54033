//! What proves that a claim comes from a daemon and not from somebody who has merely read the queue.

use data_encoding::BASE64URL_NOPAD;
use domain::{DaemonId, JobId};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// Tells this use of the key from any other one.
const PURPOSE: &str = "switchyard claim 1";

/// An HMAC-SHA256 over everything that a claim says, with the key that daemons and `worker` share and that no message
/// and no agent holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimProof {
    /// When the daemon made it, by its own clock.
    pub at: Timestamp,
    /// The code, in base 64 for URLs.
    mac: String,
}

/// What a claim says.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// The job that is claimed.
    pub job: JobId,
    /// The token of its message.
    pub token: &'a str,
    /// Who claims it.
    pub daemon: &'a DaemonId,
}

impl ClaimProof {
    /// Proves `claim` with the daemons' key.
    pub fn new(key: &SecretString, claim: Claim<'_>, at: Timestamp) -> Self {
        let tag = mac(key, claim, at).finalize().into_bytes();
        let mac = BASE64URL_NOPAD.encode(&tag);
        Self { at, mac }
    }

    /// Whether it proves `claim` under `key`; the time taken does not tell how nearly. How old it may be is for the
    /// reader to say.
    pub fn proves(&self, key: &SecretString, claim: Claim<'_>) -> bool {
        let tag = BASE64URL_NOPAD.decode(self.mac.as_bytes());
        tag.is_ok_and(|tag| mac(key, claim, self.at).verify_slice(&tag).is_ok())
    }
}

/// No part but the last can hold a line's end, so no two claims are the same text.
#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn mac(key: &SecretString, claim: Claim<'_>, at: Timestamp) -> Hmac<Sha256> {
    let Claim { job, token, daemon } = claim;
    let text = format!("{PURPOSE}\n{job}\n{daemon}\n{at}\n{token}");
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes())
        .expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use domain::SeededRandom;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn it_proves_one_claim_by_one_key_and_no_other() {
        let [job, other] = [1, 2].map(|seed| JobId::mint(at(0), &SeededRandom::new(seed)));
        let [daemon, stranger]: [DaemonId; 2] = ["d", "e"].map(|name| name.parse().unwrap());
        let key = SecretString::from("key");
        let claim = Claim {
            job,
            token: "t",
            daemon: &daemon,
        };
        let proof = ClaimProof::new(&key, claim, at(5));
        assert!(proof.proves(&key, claim));
        assert!(!proof.proves(&"other".into(), claim));
        assert!(!proof.proves(
            &key,
            Claim {
                job: other,
                ..claim
            }
        ));
        assert!(!proof.proves(
            &key,
            Claim {
                token: "u",
                ..claim
            }
        ));
        assert!(!proof.proves(
            &key,
            Claim {
                daemon: &stranger,
                ..claim
            }
        ));
        let later = ClaimProof {
            at: at(6),
            ..proof.clone()
        };
        assert!(!later.proves(&key, claim), "its time is part of it");
        for mac in ["", "%", &proof.mac[1..]] {
            let damaged = ClaimProof {
                mac: mac.to_owned(),
                ..proof.clone()
            };
            assert!(!damaged.proves(&key, claim), "{mac:?}");
        }
    }

    #[test]
    fn it_survives_the_wire() {
        let daemon: DaemonId = "d".parse().unwrap();
        let job = JobId::mint(at(0), &SeededRandom::new(1));
        let claim = Claim {
            job,
            token: "t",
            daemon: &daemon,
        };
        let key = SecretString::from("key");
        let proof = ClaimProof::new(&key, claim, Timestamp::new(7, 123_456_789).unwrap());
        let wire = serde_json::to_string(&proof).unwrap();
        let read: ClaimProof = serde_json::from_str(&wire).unwrap();
        assert!(read.proves(&key, claim));
    }
}
