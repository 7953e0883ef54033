//! The difference between GitHub's clock and this machine's.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicI64, Ordering},
};

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};

use egress::Response;

/// A difference that the whole seconds of a header and the way of an answer explain.
const SMALL: SignedDuration = SignedDuration::from_secs(30);

/// What is known of GitHub's clock. What it tells is only believed once it refuses ours: a token of the app that
/// comes from the future, or has expired before it came.
#[derive(Debug, Default)]
pub(crate) struct Skew {
    /// How many milliseconds to add to our time.
    believed: AtomicI64,
    /// What the last answer told of it.
    told: Mutex<SignedDuration>,
}

impl Skew {
    /// The time as GitHub has it, as far as we know.
    pub(crate) fn correct(&self, now: Timestamp) -> Timestamp {
        let skew = SignedDuration::from_millis(self.believed.load(Ordering::Relaxed));
        now.checked_add(skew).unwrap_or(now)
    }

    /// Notes what an answer that arrived at `now` tells.
    pub(crate) fn note(&self, response: &Response, now: Timestamp) {
        let Some(date) = date(response) else {
            return;
        };
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = date.duration_since(now);
    }

    /// Believes what the last answer told, and says whether that makes a difference.
    pub(crate) fn learn(&self) -> Learned {
        let told = *self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let believed = SignedDuration::from_millis(self.believed.load(Ordering::Relaxed));
        if (told - believed).abs() <= SMALL {
            return Learned::Nothing;
        }
        let millis = i64::try_from(told.as_millis()).unwrap_or_default();
        self.believed.store(millis, Ordering::Relaxed);
        Learned::Corrected(told)
    }
}

/// Whether our time was corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Learned {
    /// The clocks agree as far as was known.
    Nothing,
    /// GitHub's clock is ahead of ours by this much, or behind if it is negative.
    Corrected(SignedDuration),
}

/// How far a time by GitHub's clock is away, when its answer came.
pub(crate) fn ahead(at: Timestamp, response: &Response, now: Timestamp) -> SignedDuration {
    let theirs = date(response).filter(|date| date.duration_since(now).abs() > SMALL);
    at.duration_since(theirs.unwrap_or(now))
}

fn date(response: &Response) -> Option<Timestamp> {
    let text = response.header("date")?;
    // HTTP writes GMT where mail writes an offset.
    let text = text
        .strip_suffix("GMT")
        .map(|rest| format!("{rest}+0000"))?;
    rfc2822::parse(&text).ok().map(|zoned| zoned.timestamp())
}
