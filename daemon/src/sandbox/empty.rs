//! Proving that nothing of a job is left.

use std::time::Duration;

#[cfg(target_os = "linux")]
use tokio::process::Command;
use tokio::time::{sleep, timeout};

use super::{Level, Sandbox};
use crate::{process::NotEmpty, workspace::Workspace};

/// How long the end of namespaces may take; the system ends a great many processes one by one.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a user's processes are killed before the proof is given up.
const ROUNDS: u32 = 200;
const PAUSE: Duration = Duration::from_millis(10);

impl Sandbox {
    /// Ends everything that the job of `workspace` has started and proves that nothing of it is left, or says that it
    /// cannot.
    pub(crate) async fn clear(&self, workspace: &Workspace) -> Result<(), NotEmpty> {
        match self.level {
            Level::None => return self.reaper.sweep(workspace.root(), None).await,
            Level::Uid => {}
            Level::Namespaces => namespaces_ended(workspace).await?,
        }
        #[cfg(target_os = "linux")]
        if let Some(user) = workspace.confinement().user() {
            self.end_user(user).await?;
            if self.level == Level::Uid {
                super::shared::wipe(&[user]).await.map_err(|error| {
                    tracing::error!(%error, "what a job left in shared places cannot be removed");
                    NotEmpty
                })?;
            }
        }
        Ok(())
    }

    /// Ends what killed daemons left behind under the users that are this one's now.
    pub(crate) async fn clear_users(&self) -> Result<(), NotEmpty> {
        #[cfg(target_os = "linux")]
        if let Some(users) = &self.means.users {
            let all: Vec<_> = users.all().collect();
            for user in &all {
                if crate::process::of_user(user.id()) != Some(0) {
                    self.end_user(*user).await?;
                }
            }
            super::shared::wipe(&all).await.map_err(|error| {
                tracing::error!(%error, "what jobs left in shared places cannot be removed");
                NotEmpty
            })?;
        }
        Ok(())
    }

    /// Kills until no process of `user` is left.
    #[cfg(target_os = "linux")]
    pub(super) async fn end_user(&self, user: super::JobUser) -> Result<(), NotEmpty> {
        use super::plan::{STAGE, Stage};

        let users = self.means.users.as_ref().ok_or(NotEmpty)?;
        let stage = Stage::Kill {
            killer: users.killer(),
            job: user,
        };
        let stage = serde_json::to_string(&stage).map_err(|_| NotEmpty)?;
        for _ in 0..ROUNDS {
            // Killed before looked for: what was not there to be seen may still have been starting another.
            let killed = Command::new(&self.means.program)
                .args([STAGE, &stage])
                .env_clear()
                .status()
                .await;
            let left = tokio::task::spawn_blocking(move || crate::process::of_user(user.id()));
            let killed = killed.is_ok_and(|status| status.success());
            if killed && left.await.is_ok_and(|left| left == Some(0)) {
                return Ok(());
            }
            sleep(PAUSE).await;
        }
        tracing::error!(user = user.id(), "a job's processes do not end");
        Err(NotEmpty)
    }
}

/// The first process of each namespace waits for the end of the init, which comes after that of all others.
async fn namespaces_ended(workspace: &Workspace) -> Result<(), NotEmpty> {
    for mut end in workspace.confinement().take_started() {
        let ended = timeout(PATIENCE, end.wait_for(Option::is_some)).await;
        let status = match ended {
            Ok(Ok(status)) => status.flatten(),
            _ => None,
        };
        // One that a signal ended did not wait.
        if status.and_then(|status| status.code()).is_none() {
            tracing::error!(?status, "the end of a job's namespaces was not seen");
            return Err(NotEmpty);
        }
    }
    Ok(())
}
