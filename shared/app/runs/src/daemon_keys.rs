//! The keys by which daemons prove themselves.

use contract::{Claim, ClaimProof};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

/// The keys that daemons of this deployment may prove themselves with: the current one, and the one before while
/// daemons are being replaced.
#[derive(Clone, Debug)]
pub struct DaemonKeys {
    current: SecretString,
    previous: Option<SecretString>,
    window: SignedDuration,
}

/// A claim is not proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// There is no proof, or it was made with another key or for another claim.
    #[error("the claim is not proven by the key of this deployment's daemons")]
    Key,
    /// The proof was made by a clock that is too far from ours, or long ago.
    #[error("the claim's proof was made at {at}, which is too far from {now}")]
    Time {
        /// When it was made.
        at: Timestamp,
        /// The time here.
        now: Timestamp,
    },
}

impl DaemonKeys {
    /// The current key, and the one before while daemons are being replaced. A daemon's clock may be as far from ours as
    /// `window`, and a proof as old.
    pub fn new(
        current: SecretString,
        previous: Option<SecretString>,
        window: SignedDuration,
    ) -> Self {
        Self {
            current,
            previous,
            window,
        }
    }

    /// Whether `proof` proves `claim` at `now`.
    pub fn check(
        &self,
        claim: Claim<'_>,
        proof: Option<&ClaimProof>,
        now: Timestamp,
    ) -> Result<(), Unproven> {
        let proof = proof.ok_or(Unproven::Key)?;
        let keys = std::iter::once(&self.current).chain(&self.previous);
        // Every key is tried, so that the time taken does not tell which one fits.
        if !keys.fold(false, |holds, key| proof.proves(key, claim) | holds) {
            return Err(Unproven::Key);
        }
        // The time is only told to who has the key.
        if now.duration_since(proof.at).abs() > self.window {
            return Err(Unproven::Time { at: proof.at, now });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use domain::{JobId, SeededRandom};

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn either_key_proves_a_claim_while_the_clocks_are_close() {
        let keys = DaemonKeys::new(
            "new".into(),
            Some("old".into()),
            SignedDuration::from_mins(5),
        );
        let daemon = "d".parse().unwrap();
        let claim = Claim {
            job: JobId::mint(at(0), &SeededRandom::new(1)),
            token: "t",
            daemon: &daemon,
        };
        for key in ["new", "old"] {
            let proof = ClaimProof::new(&key.into(), claim, at(1000));
            let check = |now| keys.check(claim, Some(&proof), at(now));
            assert_eq!(check(1000), Ok(()));
            assert_eq!((check(1300), check(700)), (Ok(()), Ok(())));
            for now in [1301, 699] {
                let (at, now) = (at(1000), at(now));
                assert_eq!(
                    keys.check(claim, Some(&proof), now),
                    Err(Unproven::Time { at, now })
                );
            }
        }
        let stranger = ClaimProof::new(&"other".into(), claim, at(1000));
        assert_eq!(
            keys.check(claim, Some(&stranger), at(1000)),
            Err(Unproven::Key)
        );
        assert_eq!(keys.check(claim, None, at(1000)), Err(Unproven::Key));
    }
}
