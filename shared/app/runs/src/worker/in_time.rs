//! The time that there is for GitHub within one call.

use github::GitHubError;

use super::Worker;

impl Worker {
    /// What `asked` gives if it does so in time. A function that is stopped in the middle answers nobody, so whatever
    /// GitHub does, there is an answer before that.
    pub(super) async fn in_time<T>(
        &self,
        asked: impl Future<Output = Result<T, GitHubError>> + Send,
    ) -> Result<T, GitHubError> {
        let answered = tokio::time::timeout(self.parts.github_time, asked).await;
        answered.unwrap_or_else(|_| {
            Err(GitHubError::Unavailable {
                reason: "no answer in the time that there is for it".to_owned(),
            })
        })
    }
}
