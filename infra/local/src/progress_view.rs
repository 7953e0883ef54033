//! The live, readable view of a run in the terminal: one aligned line for each milestone it passes.
//!
//! Much of what is shown was written by people outside, so nothing reaches the terminal without having its
//! control characters taken out.

mod clean;
mod layout;
mod milestone;
mod ready;

use std::io::{self, Write};

use jiff::Timestamp;

pub(crate) use layout::Style;
pub(crate) use milestone::Milestone;
pub(crate) use ready::Ready;

/// Tells what happens, as it happens.
#[derive(Debug)]
pub(crate) struct ProgressView<W: Write> {
    out: W,
    style: Style,
    start: Timestamp,
}

impl<W: Write> ProgressView<W> {
    /// A view that writes to `out` and counts the time from `start`.
    pub(crate) const fn new(out: W, style: Style, start: Timestamp) -> Self {
        Self { out, style, start }
    }

    /// Shows that a milestone was passed at `at`.
    pub(crate) fn tell(&mut self, milestone: &Milestone, at: Timestamp) -> io::Result<()> {
        let text = milestone
            .view()
            .text(self.style, at.duration_since(self.start));
        self.write(&text)
    }

    /// Shows where to look and what to try, once the system keeps running.
    pub(crate) fn ready(&mut self, ready: &Ready) -> io::Result<()> {
        let text = ready.text(self.style);
        self.write(&text)
    }

    // A milestone is written at once, so that other output never lands in the middle of it.
    fn write(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests;
