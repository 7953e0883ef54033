//! Prefixed, typed identifiers.
//!
//! The text form is `prefix_` and 26 characters of Crockford base 32 over a version 7 UUID, so that ids
//! of one kind sort by creation time and cannot be mistaken for another kind's.

use std::{fmt, str::FromStr};

use data_encoding::{Encoding, HEXLOWER, Specification};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::{Uuid, Variant, Version};

use crate::{InstallationId, Provider, Random, text::bounded_text};

/// Why a text is not an id of the wanted kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The prefix is another kind's or missing.
    #[error("expected an id that starts with `{expected}`")]
    Prefix {
        /// The prefix of the wanted kind, with its underscore.
        expected: &'static str,
    },
    /// The part after the prefix is not 26 characters of Crockford base 32.
    #[error("the id's body is not 26 characters of Crockford base 32")]
    Body,
}

#[expect(
    clippy::expect_used,
    reason = "the alphabet is a constant that every test exercises"
)]
fn crockford() -> Encoding {
    let mut spec = Specification::new();
    spec.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
    // 130 bits are written for 128: the two trailing bits are always zero and checked on reading.
    spec.check_trailing_bits = true;
    spec.encoding()
        .expect("the alphabet has 32 distinct symbols")
}

fn mint(now: Timestamp, random: &dyn Random) -> Uuid {
    let mut bytes = [0_u8; 10];
    random.fill(&mut bytes);
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Uuid);

        impl $name {
            /// Mints a new id from the time and randomness given.
            pub fn mint(now: Timestamp, random: &dyn Random) -> Self {
                Self(mint(now, random))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", $prefix, crockford().encode(self.0.as_bytes()))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let body = text.strip_prefix($prefix).ok_or(IdError::Prefix { expected: $prefix })?;
                let bytes = crockford().decode(body.as_bytes()).map_err(|_| IdError::Body)?;
                Uuid::from_slice(&bytes).map(Self).map_err(|_| IdError::Body)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    )*};
}

// The registry of id kinds: alphabetical and append-only, since ids are stored for ever.
ids! {
    /// A tenant's tie to a provider.
    ConnectionId = "con_";
    /// One job: the part of a step that a daemon does.
    JobId = "job_";
    /// One run: an execution of a definition for a subject.
    RunId = "run_";
    /// One step: an attempt at one node of a definition.
    StepId = "stp_";
}

impl JobId {
    /// The job of an attempt at a node: a hash of run, path and attempt, with the run's time in front. Whoever needs it
    /// finds the same.
    pub fn of_attempt(run: RunId, path: &str, attempt: u32) -> Self {
        let mut hash = Sha256::new();
        hash.update(run.0.as_bytes());
        hash.update(attempt.to_be_bytes());
        hash.update(path.as_bytes());
        let mut bytes = [0_u8; 16];
        for (byte, hashed) in bytes.iter_mut().zip(hash.finalize()) {
            *byte = hashed;
        }
        let time = &run.0.as_bytes()[..6];
        bytes[..6].copy_from_slice(time);
        let id = uuid::Builder::from_bytes(bytes).with_version(Version::SortRand);
        Self(id.with_variant(Variant::RFC4122).into_uuid())
    }
}

bounded_text! {
    /// A tenant: `ten_` and 1 to 40 lower-case letters, digits or hyphens, chosen by the operator.
    TenantId, "a tenant id", |text| text
        .strip_prefix("ten_")
        .is_some_and(|rest| (1..=40).contains(&rest.len())
            && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
    /// The provider's name for one delivery, at most 100 visible ASCII characters without `#`.
    DeliveryId, "a delivery id", |text| (1..=100).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_graphic() && b != b'#');
    /// A daemon process: at most 100 visible ASCII characters.
    DaemonId, "a daemon id", |text| (1..=100).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_graphic());
    /// A W3C trace id: 32 lower-case hexadecimal digits, one for the whole way from delivery to commit.
    TraceId, "a trace id", |text| text.len() == 32
        && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        && text.bytes().any(|b| b != b'0');
    /// One HTTP request to a function: at most 64 letters, digits and hyphens. On AWS it is Lambda's own.
    RequestId, "a request id", |text| (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
}

impl ConnectionId {
    /// The id that a connection without a record of its own has: the beginning of a hash of what it ties together, of
    /// which no part holds a line's end.
    pub(crate) fn derived(
        tenant: &TenantId,
        provider: Provider,
        installation: InstallationId,
    ) -> Self {
        let text = format!("connection\n{tenant}\n{provider}\n{installation}");
        let hash = Sha256::digest(text.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

impl RequestId {
    /// Mints a random id in the shape of Lambda's: a version 4 UUID.
    pub fn mint(random: &dyn Random) -> Self {
        let mut bytes = [0_u8; 16];
        random.fill(&mut bytes);
        Self(
            uuid::Builder::from_random_bytes(bytes)
                .into_uuid()
                .to_string(),
        )
    }
}

impl TraceId {
    /// Mints a random trace id.
    pub fn mint(random: &dyn Random) -> Self {
        let mut bytes = [0_u8; 16];
        random.fill(&mut bytes);
        // An all-zero trace id is invalid by the W3C recommendation.
        bytes[0] |= 1;
        Self(HEXLOWER.encode(&bytes))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::SeededRandom;

    proptest! {
        #[test]
        fn an_id_survives_its_text_form(millis in 0_i64..4_000_000_000_000, seed: u64) {
            let now = Timestamp::from_millisecond(millis).unwrap();
            let id = RunId::mint(now, &SeededRandom::new(seed));
            prop_assert_eq!(id.to_string().parse::<RunId>(), Ok(id));
            prop_assert_eq!(id.to_string().len(), 30);
        }

        #[test]
        fn later_ids_sort_later(a in 0_i64..2_000_000_000_000, gap in 1_i64..1_000_000, seed: u64) {
            let random = SeededRandom::new(seed);
            let first = JobId::mint(Timestamp::from_millisecond(a).unwrap(), &random);
            let second = JobId::mint(Timestamp::from_millisecond(a + gap).unwrap(), &random);
            prop_assert!(first.to_string() < second.to_string());
        }

        #[test]
        fn no_text_makes_the_parser_fall_over(text: String) {
            prop_assert!(text.parse::<RunId>().is_err() || text.len() == 30);
            prop_assert!(text.parse::<TraceId>().is_err() || text.len() == 32);
        }
    }

    #[test]
    fn another_kinds_id_is_refused() {
        let id = JobId::mint(Timestamp::UNIX_EPOCH, &SeededRandom::new(1)).to_string();
        assert_eq!(
            id.parse::<RunId>(),
            Err(IdError::Prefix { expected: "run_" })
        );
        assert_eq!("run_0".parse::<RunId>(), Err(IdError::Body));
    }

    #[test]
    fn tenants_and_traces_have_a_shape() {
        assert!("ten_acme-1".parse::<TenantId>().is_ok());
        for bad in ["acme", "ten_", "ten_Acme", "ten_a#b"] {
            assert!(bad.parse::<TenantId>().is_err(), "{bad}");
        }
        let trace = TraceId::mint(&SeededRandom::new(7));
        assert_eq!(trace.as_str().parse::<TraceId>().as_ref(), Ok(&trace));
        assert!("0".repeat(32).parse::<TraceId>().is_err());
        let request = RequestId::mint(&SeededRandom::new(7));
        assert_eq!(request.as_str().parse::<RequestId>().as_ref(), Ok(&request));
        assert_eq!(request.as_str().len(), 36);
        for bad in ["", "a b", "a\nb", &"a".repeat(65)] {
            assert!(bad.parse::<RequestId>().is_err(), "{bad}");
        }
    }
}
