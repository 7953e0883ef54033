//! Revoking git credentials in the background.

use std::time::Duration;

use domain::SharedClock;
use egress::HttpClient;
use github::GitHubWithToken;
use secrecy::SecretString;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;
use url::Url;

use super::retry::retry;
use crate::Daemon;

/// Revokes the credentials of one job. It goes on when the job is dropped in the midst of its work, so that no credential
/// outlives it.
#[derive(Debug)]
pub(crate) struct Revocations {
    http: HttpClient,
    api: Url,
    clock: SharedClock,
    pause: Duration,
    tasks: TaskTracker,
}

impl Revocations {
    /// With the daemon's way to the provider.
    pub(crate) fn new(daemon: &Daemon) -> Self {
        let tasks = TaskTracker::new();
        // A closed one takes tasks all the same, and can be waited for.
        tasks.close();
        Self {
            http: daemon.http.clone(),
            api: daemon.config.github_api.clone(),
            clock: daemon.clock.clone(),
            pause: daemon.config.pause,
            tasks,
        }
    }

    /// Completes when all that was begun is done.
    pub(crate) async fn done(&self) {
        self.tasks.wait().await;
    }

    /// Begins to revoke `token`. If GitHub does not let us, it ends by itself within the hour, which the log says.
    pub(super) fn begin(&self, token: &SecretString) {
        let (github, clock, pause) = (self.github(token), self.clock.clone(), self.pause);
        self.spawn(async move {
            match retry(&clock, pause, || github.revoke()).await {
                Ok(()) => tracing::info!("the git credential is revoked"),
                Err(error) => tracing::warn!(%error, "the git credential could not be revoked"),
            }
        });
    }

    /// Begins something else that is to be waited for.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task.in_current_span());
    }

    /// GitHub as `token` lets us see it.
    pub(super) fn github(&self, token: &SecretString) -> GitHubWithToken {
        let (http, api) = (self.http.clone(), self.api.clone());
        GitHubWithToken::new(http, api, token.clone(), self.clock.clone())
    }
}
