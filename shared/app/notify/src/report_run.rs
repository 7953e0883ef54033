//! Keeps the one tracking comment of a run true.

use domain::{
    Marker, MessageId, PostTurn, PosterId, Run, RunHead, RunKey, TrackingPlace, redactions,
};
use jiff::Timestamp;
use ports::ProviderError;
use store::{HeadWritten, Swap, Versioned};

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

/// How a place may be posted to.
#[derive(Clone, Copy, Debug)]
enum Posting {
    /// Perhaps for the first time: a comment may be there that nobody has noted.
    First,
    /// Into this comment.
    Edit(MessageId),
}

impl Relay {
    /// Brings the tracking comment to what the table says of the run. What made the caller ask does not matter, so
    /// to be called twice or late does no harm.
    pub async fn report_run(&self, record: &StreamRecord<RunKey>) -> Result<Shown, AppError> {
        let key = record.key();
        let poster = self.poster();
        let posting = Box::pin(self.bring_up_to_date(key, poster));
        let shown = tokio::time::timeout(Self::TIME, posting).await;
        let shown = shown.unwrap_or_else(|_| Err(too_slow().into()));
        if shown.is_err() {
            self.last_posts.fail(key);
        }
        match shown {
            // Others in the stream do not wait for it.
            Err(AppError::Provider(error)) => {
                if error.is_final() {
                    // It may take one later: the next change tries again, and the scheduler sees to the end.
                    tracing::warn!(
                        metric.CommentsRefused = 1_u64,
                        ?key,
                        %error,
                        "the provider takes no comment there now"
                    );
                }
                self.put_off(key, poster, error).await?;
                Ok(Shown::UpToDate)
            }
            done => done,
        }
    }

    /// Posts what was just read, until the run is still going on after a post, or its end was posted. Several processes may
    /// do so at once: whoever writes last has either written the end, or has seen afterwards that the run was not over, so
    /// that its end is still to be told. Who posts first says so before, so that two never do.
    ///
    /// An end that is told is posted again: the record may be what somebody has left that died after it had posted
    /// something older.
    async fn bring_up_to_date(&self, key: &RunKey, poster: PosterId) -> Result<Shown, AppError> {
        let Some((mut place, mut posting)) = self.turn(key, poster).await? else {
            return Ok(Shown::UpToDate);
        };
        loop {
            let Some(view) = RunView::read(&self.store, key, *place.value()).await? else {
                return Ok(Shown::UpToDate);
            };
            let run = &view.run;
            record_span_ids(run.head());
            let text = tellers::text(run.subject().provider(), &view.telling());
            let over = run.finished().is_some();
            let post = Post::new(run.state(), &text, self.clock.now());
            if let Posting::Edit(_) = posting
                && !over
            {
                match self.last_posts.turn(key, &post, self.interval) {
                    Turn::Never => return Ok(Shown::UpToDate),
                    Turn::At(at) => return Ok(Shown::From(at)),
                    Turn::Now => {}
                }
            }
            self.last_posts.begin(key, post);
            let comment = self.write(run, posting, &text).await?;
            if over {
                self.note_end(run, place, comment).await?;
                written(run, comment, &text);
                self.last_posts.forget(key);
                self.noted_places.forget(key);
                return Ok(Shown::UpToDate);
            }
            place = self.note(run, place, comment).await?;
            written(run, comment, &text);
            self.last_posts.done(key, post);
            self.noted_places.keep(key, &place);
            posting = Posting::Edit(comment);
            // Whoever has told the end meanwhile has perhaps done so before this.
            if !self.is_over(key).await? {
                return Ok(Shown::UpToDate);
            }
        }
    }

    /// Whether this process may post, and how.
    async fn turn(
        &self,
        key: &RunKey,
        poster: PosterId,
    ) -> Result<Option<(Versioned<TrackingPlace>, Posting)>, AppError> {
        let mut read = match self.noted_places.get(key) {
            Some(place) => Some(place),
            None => self.store.tracking_place(key).await?,
        };
        loop {
            let there = read.as_ref().map(|read| *read.value());
            match (TrackingPlace::turn(there, poster, self.clock.now()), read) {
                (PostTurn::Edit(comment), Some(read)) => {
                    return Ok(Some((read, Posting::Edit(comment))));
                }
                (PostTurn::First(next), before) => {
                    let swap = self.store.swap_tracking_place(key, before.as_ref(), next);
                    match swap.await? {
                        Swap::Written(place) => return Ok(Some((place, Posting::First))),
                        Swap::Newer(newer) => read = Some(newer),
                        Swap::Gone => return Ok(None),
                    }
                }
                (PostTurn::Taken, Some(taken)) => {
                    self.watch(key, &taken).await?;
                    return Ok(None);
                }
                (PostTurn::Taken | PostTurn::Unreachable | PostTurn::Edit(_), _) => {
                    return Ok(None);
                }
            }
        }
    }

    /// What this process was to tell is told by whoever posts, or once that is known to be gone.
    async fn watch(&self, key: &RunKey, taken: &Versioned<TrackingPlace>) -> Result<(), AppError> {
        if let Some(next) = taken.value().watched() {
            let swap = self.store.swap_tracking_place(key, Some(taken), next);
            // Whoever has changed it since sees to it.
            swap.await?;
        }
        Ok(())
    }

    async fn is_over(&self, key: &RunKey) -> Result<bool, AppError> {
        let head = self.store.head(key).await?;
        Ok(head.is_some_and(|head| head.finished().is_some()))
    }

    /// Writes the text into the run's comment. One that a person has deleted is written anew, so that the final state
    /// always arrives.
    async fn write(
        &self,
        run: &Run,
        posting: Posting,
        text: &str,
    ) -> Result<MessageId, ProviderError> {
        let written = match posting {
            Posting::Edit(there) => self.update(run, there, text).await?,
            Posting::First => None,
        };
        match written {
            Some(there) => Ok(there),
            None => match self.find_or_create(run, text).await {
                // It may be there all the same, and is found then.
                Err(ProviderError::Unavailable { .. }) => self.find_or_create(run, text).await,
                done => done,
            },
        }
    }

    /// Replaces a comment's text. None if it is not there any more.
    async fn update(
        &self,
        run: &Run,
        there: MessageId,
        text: &str,
    ) -> Result<Option<MessageId>, ProviderError> {
        let updated = self.conversation.edit(run.subject(), there, text);
        match updated.await {
            Err(ProviderError::Gone) => Ok(None),
            updated => updated.map(|()| Some(there)),
        }
    }

    async fn find_or_create(&self, run: &Run, text: &str) -> Result<MessageId, ProviderError> {
        let subject = run.subject();
        let marker = Marker::Run(run.id());
        let since = slack_before(run.origin().asked().at().min(run.head().created_at()));
        let found = self.conversation.find(subject, &marker, since);
        if let Some(there) = found.await? {
            self.conversation.edit(subject, there, text).await?;
            return Ok(there);
        }
        self.conversation.say(subject, text).await
    }

    /// Notes the comment in the place, unless it is there.
    async fn note(
        &self,
        run: &Run,
        place: Versioned<TrackingPlace>,
        comment: MessageId,
    ) -> Result<Versioned<TrackingPlace>, AppError> {
        if place.value().comment() == Some(comment) {
            return Ok(place);
        }
        self.react_to_run(run).await;
        self.change_place(&run.key(), place, |place| place.announced(comment))
            .await
    }

    /// Notes that the comment shows the end, and that nothing is left to do for the run.
    async fn note_end(
        &self,
        run: &Run,
        place: Versioned<TrackingPlace>,
        comment: MessageId,
    ) -> Result<(), AppError> {
        let told = place.value().told(comment);
        if *place.value() != told {
            self.react_to_run(run).await;
            self.change_place(&run.key(), place, |place| place.told(comment))
                .await?;
        }
        self.leave_alone(run.head()).await
    }

    /// A head that is over and told is looked at no more.
    async fn leave_alone(&self, head: &RunHead) -> Result<(), AppError> {
        let mut settled = head.all_told();
        while let Some(next) = settled {
            settled = match self.store.move_head(&next).await? {
                HeadWritten::Newer(newer) => newer.all_told(),
                HeadWritten::Written | HeadWritten::Gone => None,
            };
        }
        Ok(())
    }

    async fn change_place(
        &self,
        key: &RunKey,
        mut place: Versioned<TrackingPlace>,
        change: impl Fn(TrackingPlace) -> TrackingPlace,
    ) -> Result<Versioned<TrackingPlace>, AppError> {
        loop {
            let next = change(*place.value());
            let swap = self.store.swap_tracking_place(key, Some(&place), next);
            place = match swap.await? {
                Swap::Written(written) => return Ok(written),
                Swap::Newer(newer) => newer,
                Swap::Gone => return Ok(place),
            };
        }
    }
}

/// Tells that a comment was written, and that it is on record.
fn written(run: &Run, comment: MessageId, text: &str) {
    tracing::info!(
        comment.id = %comment,
        state = ?run.state(),
        credentials.removed = redactions(text),
        metric.CommentsWritten = 1_u64,
        "the tracking comment was written"
    );
}

/// Why something is put off for which the provider took too long.
pub(crate) fn too_slow() -> ProviderError {
    ProviderError::Unavailable {
        reason: "no answer in the time that there is for it".to_owned(),
    }
}
