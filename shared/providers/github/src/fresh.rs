//! What GitHub has just made is not known everywhere at once.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::GitHubError;

/// How old a token is at most for a refusal to mean "not yet": GitHub knows it everywhere after some seconds.
const YOUNG: SignedDuration = SignedDuration::from_secs(10);

/// The waits between the tries.
pub(crate) const PAUSES: [Duration; 3] = [
    Duration::from_millis(250),
    Duration::from_millis(750),
    Duration::from_millis(1500),
];

/// Whether `error` may only mean that a token minted at `minted` is not known everywhere yet. Nothing was done
/// then, so that the call may be made again whatever it is.
pub(crate) fn may_be_too_early(error: &GitHubError, minted: Timestamp, now: Timestamp) -> bool {
    let refused = matches!(
        error,
        GitHubError::Unauthorized | GitHubError::Forbidden | GitHubError::NotFound
    );
    refused && now.duration_since(minted) < YOUNG
}
