//! Tokens that daemons hold: bound to one job, one purpose, one lease and an expiry.
//!
//! A token is `<grant>.<mac>` in base 64: the grant as JSON and its HMAC-SHA256. It proves who gave it; whether
//! the lease still is the newest is for the table to say.

use contract::JobRef;
use data_encoding::BASE64URL_NOPAD;
use domain::{DaemonId, Fence, TraceId};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// What a token allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "may", rename_all = "snake_case")]
pub enum Grant {
    /// Claim the job.
    Claim {
        /// The job.
        job: JobRef,
        /// Until when.
        until: Timestamp,
    },
    /// Work on the job under a lease.
    Work {
        /// The job.
        job: JobRef,
        /// The lease.
        fence: Fence,
        /// The daemon that holds it.
        daemon: DaemonId,
        /// The trace id of the whole way, so that calls that read little are found by it too.
        trace: TraceId,
        /// Until when.
        until: Timestamp,
    },
}

impl Grant {
    /// The job.
    pub fn job(&self) -> &JobRef {
        match self {
            Self::Claim { job, .. } | Self::Work { job, .. } => job,
        }
    }

    fn until(&self) -> Timestamp {
        match self {
            Self::Claim { until, .. } | Self::Work { until, .. } => *until,
        }
    }
}

/// The token is damaged, expired, or signed by a key that is not ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token is not valid")]
pub struct TokenError;

/// The keys that tokens are signed with: the first signs, all of them verify, so that a key can be changed
/// while daemons are at work.
#[derive(Clone, Debug)]
pub struct TokenKeys {
    current: SecretString,
    previous: Option<SecretString>,
}

impl TokenKeys {
    /// The current key, and the one before while it is being replaced.
    pub fn new(current: SecretString, previous: Option<SecretString>) -> Self {
        Self { current, previous }
    }

    /// Signs a grant.
    pub fn sign(&self, grant: &Grant) -> SecretString {
        let grant = serde_json::to_vec(grant).unwrap_or_default();
        let tag = mac(&self.current, &grant).finalize().into_bytes();
        let (grant, tag) = (BASE64URL_NOPAD.encode(&grant), BASE64URL_NOPAD.encode(&tag));
        SecretString::from(format!("{grant}.{tag}"))
    }

    /// The grant that a token proves at `now`.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Grant, TokenError> {
        let (grant, tag) = token.split_once('.').ok_or(TokenError)?;
        let grant = BASE64URL_NOPAD
            .decode(grant.as_bytes())
            .map_err(|_| TokenError)?;
        let tag = BASE64URL_NOPAD
            .decode(tag.as_bytes())
            .map_err(|_| TokenError)?;
        let keys = std::iter::once(&self.current).chain(&self.previous);
        // Every key is tried, so that the time taken does not tell which one fits.
        let holds = keys.fold(false, |holds, key| {
            mac(key, &grant).verify_slice(&tag).is_ok() | holds
        });
        if !holds {
            return Err(TokenError);
        }
        let grant: Grant = serde_json::from_slice(&grant).map_err(|_| TokenError)?;
        if grant.until() <= now {
            Err(TokenError)
        } else {
            Ok(grant)
        }
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn mac(key: &SecretString, message: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes())
        .expect("HMAC takes keys of any length");
    mac.update(message);
    mac
}

#[cfg(test)]
mod tests {
    use domain::{JobId, RunHead, RunKey, RunSequence, SeededRandom};

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn grant() -> Grant {
        let run = RunKey {
            subject: testkit::issue_key(&testkit::connection("acme", 7), 1, 2),
            name: testkit::IMPLEMENT,
            sequence: RunSequence::FIRST,
        };
        let job = JobRef {
            job: JobId::mint(at(0), &SeededRandom::new(1)),
            run,
            step: RunHead::only_step(),
        };
        Grant::Work {
            job,
            fence: Fence(2),
            daemon: "d".parse().unwrap(),
            trace: TraceId::mint(&SeededRandom::new(1)),
            until: at(100),
        }
    }

    fn keys(current: &str, previous: Option<&str>) -> TokenKeys {
        TokenKeys::new(current.into(), previous.map(Into::into))
    }

    #[test]
    fn a_token_holds_until_its_end_and_over_one_change_of_keys() {
        let token = keys("old", None).sign(&grant());
        let token = token.expose_secret();
        assert_eq!(keys("old", None).verify(token, at(99)), Ok(grant()));
        assert_eq!(keys("new", Some("old")).verify(token, at(99)), Ok(grant()));
        assert_eq!(keys("new", None).verify(token, at(99)), Err(TokenError));
        assert_eq!(keys("old", None).verify(token, at(100)), Err(TokenError));
    }

    #[test]
    fn any_changed_character_spoils_it() {
        let keys = keys("key", None);
        let token = keys.sign(&grant());
        let token = token.expose_secret();
        for i in 0..token.len() {
            let mut bytes = token.as_bytes().to_vec();
            bytes[i] = if bytes[i] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(keys.verify(&changed, at(1)), Err(TokenError), "at {i}");
        }
        assert_eq!(keys.verify("", at(1)), Err(TokenError));
    }
}
