//! Keeps the one tracking comment of a run true.

use domain::{Actor, CommentId, Deliverable, Outcome, Run, RunKey, RunState, Tracking, redactions};
use github::GitHubError;
use jiff::Timestamp;
use store::Seen;

use crate::{
    Glimpse, Relay,
    glimpse::{Comment, Known, Lines},
    markup,
    memory::{Told, Turn},
    relay::{final_refusal, slack_before},
};
use runs::{AppError, run_log::record_span_ids};

/// How many batches of news the comment shows lines of.
const BATCHES: i32 = 5;

/// How far a comment is up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// It says all there is to say.
    UpToDate,
    /// There is news that may be shown from then on, if nothing else is told before.
    From(Timestamp),
}

impl Relay {
    /// Brings the tracking comment up to date after `glimpses` of the run, in their order. The same ones
    /// twice, or late, do no harm: they only count where they are known to be newer than what was told, and
    /// everything else is asked of the table.
    pub async fn report_run(
        &self,
        actor: &Actor,
        key: &RunKey,
        glimpses: &[Glimpse],
    ) -> Result<Shown, AppError> {
        // To whoever asks for one tenant, another one's run does not exist.
        if actor.tenant != key.ticket.tenant {
            return Ok(Shown::UpToDate);
        }
        let telling = Box::pin(self.bring_up_to_date(key, glimpses));
        let told = tokio::time::timeout(Self::TIME, telling).await;
        match told.unwrap_or_else(|_| Err(too_slow().into())) {
            Err(AppError::GitHub(error)) if final_refusal(&error) => {
                // It may take one later: the next news try again, and the scheduler sees to the end.
                tracing::warn!(
                    metric.CommentsRefused = 1_u64,
                    ?key,
                    %error,
                    "the provider takes no comment there now"
                );
                Ok(Shown::UpToDate)
            }
            // Others in the stream do not wait for it.
            Err(AppError::GitHub(error)) => {
                self.put_off(key, &error).await?;
                Ok(Shown::UpToDate)
            }
            done => done,
        }
    }

    async fn bring_up_to_date(
        &self,
        key: &RunKey,
        glimpses: &[Glimpse],
    ) -> Result<Shown, AppError> {
        let Some(mut known) = self.known(key, glimpses).await? else {
            return Ok(Shown::UpToDate);
        };
        let tracking = known.seen.run.tracking;
        if matches!(tracking, Tracking::Reported(_) | Tracking::Unreachable) {
            return Ok(Shown::UpToDate);
        }
        let turn = self.turn(key, &mut known).await?;
        if turn == Turn::Now {
            if !self.is_newest(key, &mut known).await? {
                return Ok(Shown::UpToDate);
            }
            self.write(key, &mut known).await?;
        }
        if !matches!(known.seen.run.tracking, Tracking::Reported(_)) {
            self.memory.put(key.clone(), known);
        }
        Ok(match turn {
            Turn::At(at) => Shown::From(at),
            Turn::Now | Turn::Never => Shown::UpToDate,
        })
    }

    /// When the comment should be written.
    async fn turn(&self, key: &RunKey, known: &mut Known) -> Result<Turn, AppError> {
        let text = self.text(key, known).await?;
        let (now, run) = (self.clock.now(), &known.seen.run);
        match &known.told {
            Some(told) if run.finished().is_none() => {
                Ok(told.turn(run.state(), &text, now, self.interval))
            }
            _ => Ok(Turn::Now),
        }
    }

    /// Brings what is known of an unfinished run to what the table says, just before it is told, and says whether
    /// there is anything to tell still: another process may have told the end meanwhile, which nobody would
    /// write again.
    async fn is_newest(&self, key: &RunKey, known: &mut Known) -> Result<bool, AppError> {
        if known.seen.run.finished().is_some() {
            return Ok(true);
        }
        let Some(seen) = self.store.see_run(key).await? else {
            return Ok(false);
        };
        known.see(&seen);
        let tracking = known.seen.run.tracking;
        Ok(!matches!(
            tracking,
            Tracking::Reported(_) | Tracking::Unreachable
        ))
    }

    async fn write(&self, key: &RunKey, known: &mut Known) -> Result<(), AppError> {
        let text = self.text(key, known).await?;
        let (now, state) = (self.clock.now(), known.seen.run.state());
        let comment = self.tell(known, &text).await?;
        tracing::info!(
            comment.id = comment.0,
            ?state,
            credentials.removed = redactions(&text),
            metric.CommentsWritten = 1_u64,
            "the tracking comment was written"
        );
        known.told = Some(Told::new(state, &text, now));
        known.comment = Comment::At(comment);
        let noted = self.note(known.seen.clone(), comment).await?;
        known.see(&noted);
        Ok(())
    }

    /// What is to be told of: what was known, with what the records show; or else what the table says.
    async fn known(&self, key: &RunKey, glimpses: &[Glimpse]) -> Result<Option<Known>, AppError> {
        let before = self.memory.take(key);
        let Some(mut known) = Known::after(before.as_ref(), glimpses, self.clock.now()) else {
            return self.read(key, before).await;
        };
        record_span_ids(&known.seen.run);
        if before.is_none() {
            known.comment = self.look_for_comment(&known.seen.run).await?;
            if let Comment::At(_) = known.comment {
                // Somebody has told of it already, and may know more than the records here.
                return self.read(key, Some(known)).await;
            }
        }
        Ok(Some(known))
    }

    async fn read(&self, key: &RunKey, before: Option<Known>) -> Result<Option<Known>, AppError> {
        let seen = self.store.see_run(key).await?;
        if let Some(seen) = &seen {
            record_span_ids(&seen.run);
        }
        Ok(seen.map(|seen| Known::read(seen, before)))
    }

    async fn text(&self, key: &RunKey, known: &mut Known) -> Result<String, AppError> {
        let run = &known.seen.run;
        let findings = if has_findings(run) {
            self.store.findings(key).await?
        } else {
            None
        };
        // Only a run at work shows its news.
        if run.state() == RunState::Running && matches!(known.lines, Lines::Unknown) {
            let news = self.store.newest_news(key, run.fence(), BATCHES).await?;
            known.lines = news.into();
        }
        let news = known.lines.shown();
        Ok(markup::tracking_comment(run, &news, findings.as_deref()))
    }

    /// Writes the text into the run's comment. A comment that a person has deleted is written anew, so that
    /// the final state always arrives.
    async fn tell(&self, known: &Known, text: &str) -> Result<CommentId, GitHubError> {
        let run = &known.seen.run;
        let (installation, repository) = (run.ticket.installation, &run.ticket.repository);
        let mut comment = known.comment;
        if let Comment::At(there) = comment {
            match self
                .github
                .update_comment(installation, repository, there, text)
                .await
            {
                Err(GitHubError::NotFound | GitHubError::Gone) => comment = Comment::Unknown,
                updated => return updated.map(|()| there),
            }
        }
        if comment == Comment::Unknown {
            comment = self.look_for_comment(run).await?;
        }
        if let Comment::At(there) = comment {
            self.github
                .update_comment(installation, repository, there, text)
                .await?;
            return Ok(there);
        }
        self.github
            .create_comment(installation, repository, run.ticket.number, text)
            .await
    }

    async fn look_for_comment(&self, run: &Run) -> Result<Comment, GitHubError> {
        let ticket = &run.ticket;
        let marker = markup::run_marker(run.id);
        let since = Some(slack_before(run.origin.asked.at().min(run.created_at)));
        let found = self.github.find_comment(
            ticket.installation,
            &ticket.repository,
            ticket.number,
            &marker,
            since,
        );
        Ok(found.await?.map_or(Comment::Missing, Comment::At))
    }

    /// Notes what has been told, and says what the run is then. Only a comment that shows the end ends the
    /// telling, even when the run has ended meanwhile.
    async fn note(&self, shown: Seen, comment: CommentId) -> Result<Seen, AppError> {
        if shown.run.finished().is_some() {
            self.react_to_run(&shown.run).await;
            let reported = self.store.change_seen(shown, |run| run.reported(comment));
            return Ok(reported.await?.0);
        }
        if shown.run.tracking == Tracking::Announced(comment) {
            return Ok(shown);
        }
        self.react_to_run(&shown.run).await;
        let announce = |run: &mut Run| {
            if !matches!(run.tracking, Tracking::Reported(_)) {
                run.announced(comment);
            }
        };
        Ok(self.store.change_seen(shown, announce).await?.0)
    }
}

fn has_findings(run: &Run) -> bool {
    run.finished().is_some_and(|finished| {
        matches!(
            &finished.outcome,
            Outcome::Unchanged
                | Outcome::Succeeded {
                    deliverable: Deliverable::Findings
                }
                | Outcome::Incomplete {
                    deliverable: Deliverable::Findings,
                    ..
                }
        )
    })
}

/// Why something is put off for which GitHub took too long.
pub(crate) fn too_slow() -> GitHubError {
    GitHubError::Unavailable {
        reason: "no answer in the time that there is for it".to_owned(),
    }
}
