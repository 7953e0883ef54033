//! Why a daemon's call is refused.

use contract::worker::CancelReason;
use domain::{ClaimRefused, CredentialRefused, FinishRefused, LeaseRefused};
use jiff::{SignedDuration, Timestamp};
use ports::ProviderError;
use store::StoreError;

use crate::{AppError, TokenError, Unproven};

/// Why a daemon's call is refused.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The token does not allow this.
    #[error("the token does not allow this")]
    Unauthorized,
    /// The claim does not prove that a daemon makes it.
    #[error(transparent)]
    Unproven(#[from] Unproven),
    /// The job is unknown.
    #[error("there is no such job")]
    NotFound,
    /// Another daemon's lease holds, and that daemon is alive.
    #[error("the job is leased until {until}")]
    Leased {
        /// When it ends.
        until: Timestamp,
    },
    /// Nobody may have the job yet.
    #[error("the job waits until {until}")]
    Waiting {
        /// When it can be claimed.
        until: Timestamp,
        /// How long that takes from now.
        left: SignedDuration,
    },
    /// Another daemon has a newer lease.
    #[error("the lease is stale")]
    Stale,
    /// The job has ended.
    #[error("the job has already finished")]
    Finished,
    /// The run is to stop.
    #[error("the run is to stop")]
    Stopping(CancelReason),
    /// The request does not fit the job.
    #[error("{what}")]
    Invalid {
        /// What does not fit.
        what: &'static str,
    },
    /// The provider does not let the app reach the repository; trying again does not help.
    #[error("the provider does not let the app reach the repository")]
    RepositoryRefused,
    /// Something half-way.
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<TokenError> for WorkerError {
    fn from(_: TokenError) -> Self {
        Self::Unauthorized
    }
}

impl From<StoreError> for WorkerError {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

impl From<ProviderError> for WorkerError {
    fn from(error: ProviderError) -> Self {
        Self::App(error.into())
    }
}

impl WorkerError {
    /// What a refusal to give a credential for the job's repository means.
    pub(super) fn no_credential(error: ProviderError) -> Self {
        if error.is_final() {
            Self::RepositoryRefused
        } else {
            error.into()
        }
    }
}

impl WorkerError {
    /// What a refused claim means at `now`.
    pub(super) fn of_claim(refused: &ClaimRefused, now: Timestamp) -> Self {
        match refused {
            ClaimRefused::Finished => Self::Finished,
            ClaimRefused::Leased { until } => Self::Leased { until: *until },
            ClaimRefused::Waiting { until } => Self::Waiting {
                until: *until,
                left: until.duration_since(now),
            },
        }
    }
}

impl From<LeaseRefused> for WorkerError {
    fn from(refused: LeaseRefused) -> Self {
        match refused {
            LeaseRefused::Stale => Self::Stale,
            LeaseRefused::Finished => Self::Finished,
        }
    }
}

impl From<CredentialRefused> for WorkerError {
    fn from(refused: CredentialRefused) -> Self {
        match refused {
            CredentialRefused::Stale => Self::Stale,
            CredentialRefused::Finished => Self::Finished,
            CredentialRefused::Cancelled => Self::Stopping(CancelReason::Requested),
            CredentialRefused::Expired => Self::Stopping(CancelReason::Expired),
        }
    }
}

impl From<FinishRefused> for WorkerError {
    fn from(refused: FinishRefused) -> Self {
        match refused {
            FinishRefused::Stale => Self::Stale,
            FinishRefused::Finished => Self::Finished,
        }
    }
}
