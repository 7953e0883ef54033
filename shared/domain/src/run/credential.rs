//! Who may have a credential for a run's repository.

use jiff::Timestamp;

use super::{Cancel, Run};
use crate::{Fence, LeaseRefused};

/// Why the holder of a lease gets no credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialRefused {
    /// The lease is stale, or has run out, so that somebody else may have the job at any moment.
    #[error("the lease is stale")]
    Stale,
    /// The job has ended.
    #[error("the job has already finished")]
    Finished,
    /// A person stopped the run.
    #[error("the run is to stop, as a person asked")]
    Cancelled,
    /// The run's time is over.
    #[error("the run is to stop, since its time is over")]
    Expired,
}

impl From<LeaseRefused> for CredentialRefused {
    fn from(refused: LeaseRefused) -> Self {
        match refused {
            LeaseRefused::Stale => Self::Stale,
            LeaseRefused::Finished => Self::Finished,
        }
    }
}

impl Run {
    /// Whether the holder of `fence` may have a credential at `now`: only while its lease holds, and only for work that
    /// is still wanted.
    pub fn may_have_credential(
        &self,
        fence: Fence,
        now: Timestamp,
    ) -> Result<(), CredentialRefused> {
        let lease = self.step.job.lease(fence)?;
        match &self.cancel {
            Some(Cancel::Expired) => Err(CredentialRefused::Expired),
            Some(_) => Err(CredentialRefused::Cancelled),
            None if self.deadline <= now => Err(CredentialRefused::Expired),
            None if lease.expires_at <= now => Err(CredentialRefused::Stale),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        GiveBack, Outcome,
        run::tests::{at, daemon, run},
    };

    #[test]
    fn only_wanted_work_under_a_lease_that_holds_gets_one() {
        let mut run = run();
        let first = run.claim(&daemon("a"), at(0)).unwrap().fence;
        assert_eq!(run.may_have_credential(first, at(119)), Ok(()));
        let late = run.may_have_credential(first, at(120));
        assert_eq!(late, Err(CredentialRefused::Stale));
        let second = run.claim(&daemon("b"), at(130)).unwrap().fence;
        let zombie = run.may_have_credential(first, at(131));
        assert_eq!(zombie, Err(CredentialRefused::Stale));

        let mut given_back = run.clone();
        given_back
            .release(second, GiveBack::Shutdown, None, at(140))
            .unwrap();
        let refused = given_back.may_have_credential(second, at(141));
        assert_eq!(refused, Err(CredentialRefused::Stale));

        let mut expired = run.clone();
        expired.deadline = at(150);
        let refused = expired.may_have_credential(second, at(150));
        assert_eq!(refused, Err(CredentialRefused::Expired));

        let mut over = run;
        over.finish(second, Outcome::Cancelled.into(), at(150))
            .unwrap();
        let refused = over.may_have_credential(second, at(151));
        assert_eq!(refused, Err(CredentialRefused::Finished));
    }
}
