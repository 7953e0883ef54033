//! A model looks over what an agent wrote before everybody sees it.
//!
//! Credentials are gone by then: taking them out is certain, and not left to a model. This finds what has no shape, and
//! it is best effort: where the model does not answer, or answers otherwise than it was asked to, the text goes on as it
//! is, and that is logged and counted. Only where the model or its provider declines to look, the text is held back:
//! what a text has to say for that is known to everybody.
//!
//! All that an answer can do is to take whole lines out, whoever wrote it and whatever the text talked the model into. It
//! names them by number: a text that came back would have to be compared, and takes longer than anybody waits.

mod lines;
mod prompt;
#[cfg(test)]
mod tests;

use std::time::Duration;

use domain::{Random, Usage};

use self::lines::Lines;
use crate::model::{Answer, AskError, Model, Question};

/// The model that looks over texts.
#[derive(Clone, Debug)]
pub struct Scan {
    way: Model,
    model: String,
    limit: Duration,
}

/// What is left of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scanned {
    /// All of it: nothing was found, or nobody could look.
    Whole,
    /// A part.
    Shortened {
        /// The lines that are left, as they were.
        text: String,
        /// How many are gone.
        removed: usize,
        /// What became of the first line that says anything.
        first: FirstLine,
    },
    /// Nothing that says anything.
    HeldBack,
}

/// What became of the first line of a text that says anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FirstLine {
    /// It is there still.
    Kept,
    /// It is gone.
    Gone,
}

impl Scan {
    /// How long a look may take, unless a test says otherwise.
    pub const LIMIT: Duration = Duration::from_secs(3);

    /// Looks by asking `model` over `way`, for no longer than `limit` each time.
    pub fn new(way: Model, model: String, limit: Duration) -> Self {
        Self { way, model, limit }
    }

    /// Looks over `text`, which is to be published as it is here, and says what looking took. Counts in the metrics what
    /// came of it.
    pub(crate) async fn look(&self, text: &str, random: &dyn Random) -> (Scanned, Usage) {
        let lines = Lines::of(text);
        let question = Question {
            model: &self.model,
            system: prompt::SYSTEM,
            user: &prompt::user(&lines, random),
        };
        let asked = self.way.ask(question, self.limit).await;
        let scanned = match asked.answer {
            Ok(answer) => judged(&lines, &answer),
            Err(AskError::Declined) => declined(&lines),
            Err(error) => {
                tracing::warn!(
                    metric.TextsScanned = 1_u64,
                    dimension.Result = "unanswered",
                    %error,
                    "what the agent wrote could not be looked over, and goes on as it is"
                );
                Scanned::Whole
            }
        };
        (scanned, asked.usage)
    }
}

/// Does what an answer says, if it says no more than which lines to take out.
fn judged(lines: &Lines<'_>, answer: &Answer) -> Scanned {
    let Some(left) = lines.without(answer) else {
        tracing::warn!(
            metric.TextsScanned = 1_u64,
            dimension.Result = "refused",
            "the model that looks over texts did not answer with lines, and the text goes on as it is"
        );
        return Scanned::Whole;
    };
    let (result, removed) = match &left {
        Scanned::Whole => ("whole", 0),
        Scanned::Shortened { removed, .. } => ("shortened", *removed),
        Scanned::HeldBack => ("held_back", lines.count()),
    };
    tracing::info!(
        metric.TextsScanned = 1_u64,
        dimension.Result = result,
        lines.removed = removed,
        "what the agent wrote was looked over"
    );
    left
}

fn declined(lines: &Lines<'_>) -> Scanned {
    tracing::warn!(
        metric.TextsScanned = 1_u64,
        dimension.Result = "declined",
        lines.removed = lines.count(),
        "the model that looks over texts declined to look, and the text is held back"
    );
    Scanned::HeldBack
}
