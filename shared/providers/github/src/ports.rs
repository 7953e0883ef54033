//! GitHub behind the ports that use cases know.

mod authority;
mod code_host;
mod conversation;
mod sent;

use ::ports::ProviderError;

use crate::GitHubError;

impl From<GitHubError> for ProviderError {
    fn from(error: GitHubError) -> Self {
        let reason = error.to_string();
        match error {
            GitHubError::RateLimited { until } => Self::RetryAt(until),
            GitHubError::NotFound | GitHubError::Gone => Self::Gone,
            GitHubError::Forbidden => Self::Forbidden,
            GitHubError::Invalid { message } => Self::Invalid { reason: message },
            GitHubError::TooLarge { .. }
            | GitHubError::Unauthorized
            | GitHubError::Unavailable { .. }
            | GitHubError::Misconfigured { .. }
            | GitHubError::Unexpected { .. } => Self::Unavailable { reason },
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn every_error_is_a_decision() {
        let until = Timestamp::from_second(9).unwrap();
        let reason = "odd".to_owned();
        let reason = || reason.clone();
        let unavailable = |error: &GitHubError| ProviderError::Unavailable {
            reason: error.to_string(),
        };
        let invalid = ProviderError::Invalid { reason: reason() };
        for (error, decision) in [
            (
                GitHubError::RateLimited { until },
                ProviderError::RetryAt(until),
            ),
            (GitHubError::NotFound, ProviderError::Gone),
            (GitHubError::Gone, ProviderError::Gone),
            (GitHubError::Forbidden, ProviderError::Forbidden),
            (GitHubError::Invalid { message: reason() }, invalid),
        ] {
            assert_eq!(ProviderError::from(error), decision);
        }
        for error in [
            GitHubError::Unauthorized,
            GitHubError::TooLarge { reason: reason() },
            GitHubError::Unavailable { reason: reason() },
            GitHubError::Misconfigured { reason: reason() },
            GitHubError::Unexpected { reason: reason() },
        ] {
            let decision = unavailable(&error);
            assert!(!decision.is_final());
            assert_eq!(ProviderError::from(error), decision);
        }
    }
}
