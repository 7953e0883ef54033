//! Who may have a credential for a run's repository.

use jiff::Timestamp;

use super::{Control, RunHead};
use crate::{Fence, LeaseRefused, StepAttempt};

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

impl RunHead {
    /// Whether the holder of `fence` on `step` may have a credential at `now`: only while its lease holds, and only for
    /// work that is still wanted.
    pub fn may_have_credential(
        &self,
        step: &StepAttempt,
        fence: Fence,
        now: Timestamp,
    ) -> Result<(), CredentialRefused> {
        let lease = step.lease(fence)?;
        match self.ends(now) {
            Some(Control::Deadline) => Err(CredentialRefused::Expired),
            Some(Control::Stop(_)) => Err(CredentialRefused::Cancelled),
            None if self.finished().is_some() => Err(CredentialRefused::Finished),
            None if lease.expires_at <= now => Err(CredentialRefused::Stale),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Claimed,
        run_head::tests::{at, begun, stop},
    };

    #[test]
    fn only_the_holder_of_a_lease_that_holds_gets_a_credential_for_work_that_is_wanted() {
        let (head, step) = begun();
        let daemon = "a".parse().unwrap();
        let Claimed::Leased(leased, lease) = step.claim(&daemon, at(2)) else {
            panic!("nobody holds it");
        };
        let asked = |head: &RunHead, fence, now| head.may_have_credential(&leased, fence, at(now));
        assert_eq!(asked(&head, lease.fence, 121), Ok(()));
        assert_eq!(
            asked(&head, lease.fence, 122),
            Err(CredentialRefused::Stale)
        );
        assert_eq!(asked(&head, Fence(9), 3), Err(CredentialRefused::Stale));
        let late = asked(&head, lease.fence, 6 * 3600);
        assert_eq!(late, Err(CredentialRefused::Expired));
        let stopped = head.advance(Some(leased.clone()), Some(stop()), at(3));
        let stopped = stopped.commit.unwrap();
        let refused = asked(&stopped, lease.fence, 4);
        assert_eq!(refused, Err(CredentialRefused::Cancelled));
    }
}
