//! From whoever queues a job to the daemon that takes it.

use domain::{JobId, RunKey, StepRef, TraceId};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use crate::Version;

/// Which job is meant, and where it is found.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct JobRef {
    /// The job.
    pub job: JobId,
    /// The run it belongs to.
    pub run: RunKey,
    /// The step that it does.
    pub step: StepRef,
}

/// A job that waits to be claimed. What is to be done is not in here: the claim's answer says it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JobMessage {
    /// The message's version.
    pub version: Version<1>,
    /// The job to claim.
    pub job: JobId,
    /// The trace id of the whole way.
    pub trace: TraceId,
    /// The right to claim this job and nothing else.
    #[serde(serialize_with = "exposed")]
    pub token: SecretString,
}

pub(crate) fn exposed<S: Serializer>(
    token: &SecretString,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(token.expose_secret())
}
