//! Keeps the one tracking comment of a run true.

use domain::{Actor, CommentId, Deliverable, Outcome, Run, RunKey, RunState, Tracking};
use egress::GitHubError;

use super::{Relay, final_refusal, markup, slack_before};
use crate::AppError;

/// How many batches of news the comment shows lines of.
const BATCHES: i32 = 5;

impl Relay {
    /// Brings the tracking comment up to date. The same news twice, or late, does no harm: what is told is
    /// always read from the table.
    pub async fn report_run(&self, actor: &Actor, key: &RunKey) -> Result<(), AppError> {
        // To whoever asks for one tenant, another one's run does not exist.
        if actor.tenant != key.ticket.tenant {
            return Ok(());
        }
        let Some(run) = self.store.run(key).await? else {
            return Ok(());
        };
        if matches!(run.tracking, Tracking::Reported(_) | Tracking::Unreachable) {
            return Ok(());
        }
        let text = self.text(key, &run).await?;
        let now = self.clock.now();
        if !self.pace.allows(run.id, run.state(), &text, now) && run.finished().is_none() {
            return Ok(());
        }
        match self.tell(&run, &text).await {
            Ok(comment) => {
                self.pace.note(run.id, run.state(), &text, now);
                self.told(key, &run, comment).await
            }
            Err(error) if final_refusal(&error) => {
                // It may take one later: the next news try again, and the scheduler sees to the end.
                tracing::warn!(run.id = %run.id, %error, "the provider takes no comment there now");
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn text(&self, key: &RunKey, run: &Run) -> Result<String, AppError> {
        // Only a run at work shows its news.
        let news = if run.state() == RunState::Running {
            self.store.newest_events(key, run.fence(), BATCHES).await?
        } else {
            Vec::new()
        };
        let has_findings = run.finished().is_some_and(|finished| {
            matches!(
                &finished.outcome,
                Outcome::Succeeded {
                    deliverable: Deliverable::Findings
                } | Outcome::Incomplete {
                    deliverable: Deliverable::Findings,
                    ..
                }
            )
        });
        let findings = if has_findings {
            self.store.findings(key).await?
        } else {
            None
        };
        Ok(markup::tracking_comment(run, &news, findings.as_deref()))
    }

    /// Writes the text into the run's comment. A comment that a person has deleted is written anew, so that
    /// the final state always arrives.
    async fn tell(&self, run: &Run, text: &str) -> Result<CommentId, GitHubError> {
        let (installation, repository) = (run.ticket.installation, &run.ticket.repository);
        if let Tracking::Announced(comment) = run.tracking {
            match self
                .github
                .update_comment(installation, repository, comment, text)
                .await
            {
                Err(GitHubError::NotFound | GitHubError::Gone) => {}
                updated => return updated.map(|()| comment),
            }
        }
        let (number, marker) = (run.ticket.number, markup::run_marker(run.id));
        let found = self
            .github
            .find_comment(
                installation,
                repository,
                number,
                &marker,
                Some(slack_before(run.created_at)),
            )
            .await?;
        match found {
            Some(comment) => {
                self.github
                    .update_comment(installation, repository, comment, text)
                    .await?;
                Ok(comment)
            }
            None => {
                self.github
                    .create_comment(installation, repository, number, text)
                    .await
            }
        }
    }

    /// Notes what has been told. Only a comment that shows the end ends the telling, even when the run has
    /// ended meanwhile.
    async fn told(&self, key: &RunKey, shown: &Run, comment: CommentId) -> Result<(), AppError> {
        let first = shown.tracking != Tracking::Announced(comment);
        if shown.finished().is_some() {
            self.react_to_run(shown).await;
            self.store
                .change_run(key, |run| run.reported(comment))
                .await?;
            self.pace.forget(shown.id);
        } else if first {
            self.react_to_run(shown).await;
            self.store
                .change_run(key, |run| {
                    if !matches!(run.tracking, Tracking::Reported(_)) {
                        run.announced(comment);
                    }
                })
                .await?;
        }
        Ok(())
    }
}
