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
        let (reason, message) = ("r".to_owned(), "m".to_owned());
        for (error, is_final) in [
            (GitHubError::RateLimited { until }, false),
            (GitHubError::NotFound, true),
            (GitHubError::Gone, true),
            (GitHubError::Forbidden, true),
            (GitHubError::Invalid { message }, true),
            (GitHubError::Unauthorized, false),
            (
                GitHubError::TooLarge {
                    reason: reason.clone(),
                },
                false,
            ),
            (
                GitHubError::Unavailable {
                    reason: reason.clone(),
                },
                false,
            ),
            (
                GitHubError::Misconfigured {
                    reason: reason.clone(),
                },
                false,
            ),
            (GitHubError::Unexpected { reason }, false),
        ] {
            let decision = ProviderError::from(error.clone());
            assert_eq!(decision.is_final(), is_final, "{error}");
        }
        let limited = GitHubError::RateLimited { until };
        assert_eq!(ProviderError::from(limited), ProviderError::RetryAt(until));
    }
}
