//! GitHub's Markdown, as a reader of the page sees it.
//!
//! Everything here takes time in proportion to the text: what a parser could be made to do over and over again is cut
//! down beforehand.

mod acting;
mod clean;
mod defuse;
mod drawn;
mod edits;
mod formula;
mod html;
mod invisible;
mod lines;
mod shallow;
mod whole;

use pulldown_cmark::Options;

pub(crate) use acting::{Acts, acting};
pub(crate) use clean::seen;
pub(crate) use defuse::defused;
pub(crate) use invisible::{is_invisible, visible};
pub(crate) use lines::read_lines;
pub(crate) use whole::closing;

/// What GitHub's comments understand beyond `CommonMark`.
const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_GFM);
