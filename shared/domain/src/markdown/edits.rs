//! Changing some places of a text and leaving all others as they are.

use std::ops::Range;

/// Changes to a text.
#[derive(Debug, Default)]
pub(super) struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    /// Puts `text` in the place of what stands at `range`.
    pub(super) fn replace(&mut self, range: Range<usize>, text: impl Into<String>) {
        self.0.push((range, text.into()));
    }

    /// Leaves out what stands at `range`.
    pub(super) fn remove(&mut self, range: Range<usize>) {
        self.replace(range, "");
    }

    /// Whether nothing is to be changed.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text with the changes made. Of changes that overlap, the one that begins first is made.
    pub(super) fn apply(mut self, text: &str) -> String {
        self.0.sort_by(|(one, _), (other, _)| {
            one.start.cmp(&other.start).then(other.end.cmp(&one.end))
        });
        let mut out = String::with_capacity(text.len() + text.len() / 8);
        let mut at = 0;
        for (range, with) in self.0 {
            if range.start >= at {
                out.push_str(&text[at..range.start]);
                out.push_str(&with);
                at = range.end;
            }
        }
        out.push_str(&text[at..]);
        out
    }
}
