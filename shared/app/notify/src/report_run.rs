//! Keeps the one tracking comment of a run true.

use domain::{Marker, MessageId, Run, RunKey, Tracking, redactions};
use jiff::Timestamp;
use ports::ProviderError;
use store::Seen;

use crate::{
    Relay, StreamRecord,
    last_posts::{Post, Turn},
    relay::slack_before,
    run_view::RunView,
    tellers,
};
use runs::{AppError, run_log::record_span_ids};

/// How far a comment is up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// It says all there is to say.
    UpToDate,
    /// There is progress that may be posted from then on, if nothing else is posted before.
    From(Timestamp),
}

impl Relay {
    /// Brings the tracking comment to what the table says of the run. What made the caller ask does not matter, so
    /// to be called twice or late does no harm.
    pub async fn report_run(&self, record: &StreamRecord<RunKey>) -> Result<Shown, AppError> {
        let key = record.key();
        let posting = Box::pin(self.bring_up_to_date(key));
        let shown = tokio::time::timeout(Self::TIME, posting).await;
        match shown.unwrap_or_else(|_| Err(too_slow().into())) {
            Err(AppError::Provider(error)) if error.is_final() => {
                // It may take one later: the next change tries again, and the scheduler sees to the end.
                tracing::warn!(
                    metric.CommentsRefused = 1_u64,
                    ?key,
                    %error,
                    "the provider takes no comment there now"
                );
                Ok(Shown::UpToDate)
            }
            // Others in the stream do not wait for it.
            Err(AppError::Provider(error)) => {
                self.put_off(key, error).await?;
                Ok(Shown::UpToDate)
            }
            done => done,
        }
    }

    /// Posts until the run is still in the state that was posted. Several processes may do so at once: whoever writes
    /// last has either written the end, or has seen afterwards that the run was not over, so that its end is still to
    /// be told.
    async fn bring_up_to_date(&self, key: &RunKey) -> Result<Shown, AppError> {
        let Some(mut head) = self.store.see_run(key).await? else {
            return Ok(Shown::UpToDate);
        };
        record_span_ids(&head.run);
        let mut comment = None;
        while !self.is_settled(key, &head.run) {
            let view = RunView::read(&self.store, head).await?;
            let provider = view.head.run.subject.provider();
            let text = tellers::text(provider, &view.telling());
            let post = Post::new(view.head.run.state(), &text, self.clock.now());
            match self.last_posts.turn(key, &post, self.interval) {
                Turn::Never => return Ok(Shown::UpToDate),
                Turn::At(at) => return Ok(Shown::From(at)),
                Turn::Now => self.last_posts.begin(key),
            }
            let written = self.write(&view.head.run, comment, &text).await?;
            comment = Some(written);
            head = self.note(view.head, written).await?;
            if head.run.state() == post.state() {
                self.keep(key, post, &head.run);
                return Ok(Shown::UpToDate);
            }
        }
        self.last_posts.forget(key);
        Ok(Shown::UpToDate)
    }

    /// Whether nothing is left to post. What this process began to post may have come after the end that another one
    /// has told; where another process has that doubt, the run has a due time.
    fn is_settled(&self, key: &RunKey, run: &Run) -> bool {
        match run.tracking {
            Tracking::Silent | Tracking::Announced(_) => false,
            Tracking::Reported(_) => run.due_at.is_none() && !self.last_posts.in_doubt(key),
            Tracking::Unreachable => true,
        }
    }

    fn keep(&self, key: &RunKey, post: Post, run: &Run) {
        if run.finished().is_some() {
            self.last_posts.forget(key);
        } else {
            self.last_posts.done(key, post);
        }
    }

    /// Writes the text into the run's comment, which is `comment` if this was written just before. One that a person
    /// has deleted is written anew, so that the final state always arrives.
    async fn write(
        &self,
        run: &Run,
        comment: Option<MessageId>,
        text: &str,
    ) -> Result<MessageId, ProviderError> {
        let known = comment.or_else(|| noted(run));
        let written = match known {
            Some(there) => self.update(run, there, text).await?,
            None => None,
        };
        let comment = match written {
            Some(there) => there,
            None => self.find_or_create(run, text).await?,
        };
        tracing::info!(
            comment.id = %comment,
            state = ?run.state(),
            credentials.removed = redactions(text),
            metric.CommentsWritten = 1_u64,
            "the tracking comment was written"
        );
        Ok(comment)
    }

    /// Replaces a comment's text. None if it is not there any more.
    async fn update(
        &self,
        run: &Run,
        there: MessageId,
        text: &str,
    ) -> Result<Option<MessageId>, ProviderError> {
        let updated = self.conversation.edit(&run.subject, there, text);
        match updated.await {
            Err(ProviderError::Gone) => Ok(None),
            updated => updated.map(|()| Some(there)),
        }
    }

    async fn find_or_create(&self, run: &Run, text: &str) -> Result<MessageId, ProviderError> {
        let subject = &run.subject;
        let marker = Marker::Run(run.id);
        let since = slack_before(run.origin.asked().at().min(run.created_at));
        let found = self.conversation.find(subject, &marker, since);
        if let Some(there) = found.await? {
            self.conversation.edit(subject, there, text).await?;
            return Ok(there);
        }
        self.conversation.say(subject, text).await
    }

    /// Notes what was posted, and gives the run as it is after that. Only a comment that shows the end ends the
    /// telling, even when the run has ended meanwhile.
    async fn note(&self, posted: Seen, comment: MessageId) -> Result<Seen, AppError> {
        if posted.run.finished().is_some() {
            self.react_to_run(&posted.run).await;
            let reported = self.store.change_seen(posted, |run| run.reported(comment));
            return Ok(reported.await?.0);
        }
        if posted.run.tracking == Tracking::Announced(comment) {
            let head = self.store.see_run(&posted.run.key()).await?;
            return Ok(head.unwrap_or(posted));
        }
        self.react_to_run(&posted.run).await;
        let announce = |run: &mut Run| {
            if !matches!(run.tracking, Tracking::Reported(_)) {
                run.announced(comment);
            }
        };
        // The write has the condition that nobody has changed the run, so it says how the run is as a read would.
        Ok(self.store.change_seen(posted, announce).await?.0)
    }
}

/// The comment that is on record as the run's.
fn noted(run: &Run) -> Option<MessageId> {
    match run.tracking {
        Tracking::Announced(comment) | Tracking::Reported(comment) => Some(comment),
        Tracking::Silent | Tracking::Unreachable => None,
    }
}

/// Why something is put off for which the provider took too long.
pub(crate) fn too_slow() -> ProviderError {
    ProviderError::Unavailable {
        reason: "no answer in the time that there is for it".to_owned(),
    }
}
