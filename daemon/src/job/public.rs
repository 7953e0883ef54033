//! What an agent wrote, on its way to everybody.

use domain::{FailureKind, Untrusted};

use super::{JobContext, JobError};
use crate::{
    agent_files,
    proposal::Summary,
    scan::{FirstLine, Scanned},
};

/// What of an agent's text everybody may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Public {
    /// There is none.
    Nothing,
    /// All of it is held back.
    HeldBack,
    /// This.
    Text {
        /// The text, with a word of ours where lines were taken out.
        text: String,
        /// What became of its first line, which may be a title.
        first: FirstLine,
    },
}

impl JobContext<'_> {
    /// What of `text` everybody may see: no credentials, and where the operator wants that, no lines that a model takes
    /// out. What it takes to look counts as spent.
    pub(super) async fn public(&self, text: Option<String>) -> Public {
        let Some(text) = text else {
            return Public::Nothing;
        };
        // Nobody sees these signs when it is published, so nobody looks at it with them: they split words and lines.
        let visible = Untrusted::new(text).for_prompt_verbatim();
        let text = self.redacted(&visible);
        let Some(scan) = &self.daemon.scan else {
            let first = FirstLine::Kept;
            return Public::Text { text, first };
        };
        // What is cut off later is not looked at, and what is looked at is all that anybody sees.
        let Some(text) = agent_files::clipped(Some(text)) else {
            return Public::Nothing;
        };
        let (scanned, usage) = scan.look(&text, &*self.daemon.random).await;
        self.spend_more(usage);
        match scanned {
            Scanned::Whole => Public::Text {
                text,
                first: FirstLine::Kept,
            },
            Scanned::HeldBack => Public::HeldBack,
            Scanned::Shortened {
                text,
                removed,
                first,
            } => Public::Text {
                text: agent_files::shortened(text, removed),
                first,
            },
        }
    }
}

impl Public {
    /// The text as what is said about a change.
    pub(super) fn summary(&self) -> Summary<'_> {
        match self {
            Self::Nothing => Summary::None,
            Self::HeldBack => Summary::HeldBack,
            Self::Text { text, first } => match first {
                FirstLine::Kept => Summary::Titled(text),
                FirstLine::Gone => Summary::Untitled(text),
            },
        }
    }

    /// The text, for work whose answer it is; `missing` says why there is none.
    pub(super) fn answer(self, missing: impl Into<JobError>) -> Result<String, JobError> {
        match self {
            Self::Nothing => Err(missing.into()),
            Self::HeldBack => Err(FailureKind::AnswerHeldBack.into()),
            Self::Text { text, .. } => Ok(text),
        }
    }
}
