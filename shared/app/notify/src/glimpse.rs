//! What records of the stream show of a run, and what that makes of what was known before.

use std::collections::VecDeque;

use domain::{CommentId, ProgressEvent, Run, RunState, Tracking};
use jiff::{SignedDuration, Timestamp};
use store::{EventBatch, Image, NewestNews, Seen};

use crate::{markup::LINES, memory::Told};

/// How old a record may be to be taken at its word. It is less than `relay` may take for a batch, so that a batch
/// whose first handling died half-way, and which may have told more than this one knows, is always older.
const YOUNG: SignedDuration = SignedDuration::from_secs(30);

/// What one record of the stream shows, and since when.
#[derive(Clone, Debug)]
pub struct Glimpse {
    /// When the record was written, give or take a second.
    pub at: Timestamp,
    /// The state that was written, if it can be read.
    pub image: Option<Image>,
}

/// What is known of a run.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) seen: Seen,
    pub(crate) lines: Lines,
    /// The comment that tells of the run.
    pub(crate) comment: Comment,
    /// What it says, if this process wrote it last.
    pub(crate) told: Option<Told>,
}

/// The news of a run's present lease.
#[derive(Clone, Debug)]
pub(crate) enum Lines {
    /// The table has to be asked.
    Unknown,
    /// The last lines, and how many there have been.
    Known {
        last: VecDeque<ProgressEvent>,
        next: u32,
    },
}

/// Where the comment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comment {
    /// It has to be looked for.
    Unknown,
    /// It was looked for, and there is none.
    Missing,
    /// There.
    At(CommentId),
}

impl Glimpse {
    /// Whether the record is so old that the table may say something else by now.
    fn is_late(&self, now: Timestamp) -> bool {
        now.duration_since(self.at) > YOUNG
    }

    /// The run that was just created, if that is what the record shows.
    fn beginning(&self) -> Option<&Seen> {
        match &self.image {
            Some(Image::Run(seen)) if seen.is_first() => Some(seen.as_ref()),
            _ => None,
        }
    }
}

impl Known {
    /// A run as it was read from the table, when this much was known before.
    pub(crate) fn read(seen: Seen, before: Option<Self>) -> Self {
        let mut known = Self::new(seen);
        if let Some(before) = before {
            known.told = before.told;
            if known.comment == Comment::Unknown {
                known.comment = before.comment;
            }
        }
        known
    }

    fn new(seen: Seen) -> Self {
        Self {
            comment: match seen.run.tracking {
                Tracking::Announced(comment) => Comment::At(comment),
                Tracking::Silent | Tracking::Reported(_) | Tracking::Unreachable => {
                    Comment::Unknown
                }
            },
            lines: Lines::of(&seen.run),
            seen,
            told: None,
        }
    }

    /// What is known after `glimpses`, in their order, of a run of which this much was known before. None if
    /// only the table can say: where a record is late or cannot be read, or where nothing was known and the
    /// records do not begin with the run's beginning.
    pub(crate) fn after(
        before: Option<&Self>,
        glimpses: &[Glimpse],
        now: Timestamp,
    ) -> Option<Self> {
        if glimpses.iter().any(|glimpse| glimpse.is_late(now)) {
            return None;
        }
        let begun = || Some(Self::new(glimpses.first()?.beginning()?.clone()));
        let mut known = before.cloned().or_else(begun)?;
        for glimpse in glimpses {
            match glimpse.image.as_ref()? {
                Image::Run(seen) => known.see(seen),
                Image::Events(batch) => known.hear(batch),
            }
        }
        Some(known)
    }

    /// Takes in a state of the run, if it is newer than the one that is known.
    pub(crate) fn see(&mut self, seen: &Seen) {
        if seen.version() <= self.seen.version() {
            return;
        }
        if seen.run.fence() != self.seen.run.fence() {
            let next_to = seen.version() == self.seen.version() + 1;
            self.lines = if next_to {
                Lines::none()
            } else {
                Lines::Unknown
            };
        }
        if let Tracking::Announced(comment) = seen.run.tracking {
            self.comment = Comment::At(comment);
        }
        self.seen = seen.clone();
    }

    fn hear(&mut self, batch: &EventBatch) {
        let fence = self.seen.run.fence();
        if batch.fence > fence {
            self.lines = Lines::Unknown;
        } else if batch.fence == fence {
            self.lines.add(batch);
        }
    }
}

impl Lines {
    fn none() -> Self {
        Self::Known {
            last: VecDeque::new(),
            next: 0,
        }
    }

    /// A job that nobody has taken has none; of any other it is not known.
    fn of(run: &Run) -> Self {
        if run.state() == RunState::Queued {
            Self::none()
        } else {
            Self::Unknown
        }
    }

    /// The lines to show.
    pub(crate) fn shown(&self) -> Vec<ProgressEvent> {
        match self {
            Self::Known { last, .. } => last.iter().cloned().collect(),
            Self::Unknown => Vec::new(),
        }
    }

    fn add(&mut self, batch: &EventBatch) {
        let Self::Known { last, next } = self else {
            return;
        };
        if batch.first > *next {
            *self = Self::Unknown;
        } else if batch.first == *next {
            *next = batch.next();
            last.extend(batch.events.iter().cloned());
            last.drain(..last.len().saturating_sub(LINES));
        }
    }
}

impl From<NewestNews> for Lines {
    fn from(news: NewestNews) -> Self {
        let mut last = VecDeque::from(news.events);
        last.drain(..last.len().saturating_sub(LINES));
        Self::Known {
            last,
            next: news.next,
        }
    }
}
