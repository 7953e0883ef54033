//! Text that somebody outside wrote.

use std::{borrow::Cow, fmt};

mod skips;

use self::skips::unskipped;
use crate::{
    clip,
    markdown::{Acts, acting, closing, defused, seen, visible},
};

/// The most bytes that are looked at. GitHub's longest texts have 65,536 characters.
const TEXT_LIMIT: usize = 256 * 1024;
/// The most bytes of a text that is to be one line.
const LINE_LIMIT: usize = 4 * 1024;

/// Text from an issue, a comment, a repository or an agent. It is data, never instruction: it only leaves
/// this type cleaned, for a prompt's untrusted half or for a public place. Whatever it says, that takes time in
/// proportion to what is looked at, at most 256 KiB.
#[derive(Clone, PartialEq, Eq)]
pub struct Untrusted<'a>(Cow<'a, str>);

/// A text that fits where it goes, and that nothing behind it becomes a part of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fitted {
    text: String,
    cut: bool,
}

impl Fitted {
    /// The text. An empty line has to follow before anything else.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether its end is missing.
    pub fn was_cut(&self) -> bool {
        self.cut
    }
}

impl fmt::Debug for Untrusted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Untrusted({} bytes)", self.0.len())
    }
}

impl<'a> Untrusted<'a> {
    /// Wraps a text.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Self {
        Self(text.into())
    }

    /// Markdown for the untrusted half of a prompt: what a person cannot see on the page is taken out, since it is how
    /// instructions are smuggled past them.
    pub fn for_prompt(&self) -> String {
        seen(&self.visible(TEXT_LIMIT))
    }

    /// Text that is no Markdown, such as a diff or a title, for the untrusted half of a prompt: only characters that
    /// nobody sees are taken out.
    pub fn for_prompt_verbatim(&self) -> String {
        self.visible(TEXT_LIMIT)
    }

    /// The text as Markdown of at most `limit` bytes for a public comment: it reads as it was written, but no mention,
    /// reference, closing word or HTML in it acts. Code and headings stay as they are, and what is left open is ended.
    pub fn for_comment(&self, limit: usize) -> Fitted {
        let clean = self.visible(TEXT_LIMIT);
        let clean = clean.trim_end();
        let mut length = clean.len().min(limit);
        loop {
            let part = clip(clean, length);
            let text = harmless(part);
            if text.len() <= limit || length == 0 {
                let cut = part.len() < clean.len()
                    || clean.len() < self.0.trim_end().len() && self.0.len() > TEXT_LIMIT;
                return Fitted { text, cut };
            }
            // What is added grows with the text, so one or two steps suffice; half is always enough progress.
            length = (length * limit / text.len())
                .saturating_sub(16)
                .max(length / 2)
                .min(length - 1);
        }
    }

    /// The text as one line of Markdown for a public comment, to stand behind other words of its line.
    pub fn for_line(&self) -> String {
        let line = one_line(&self.visible(LINE_LIMIT));
        // Behind a word nothing begins a heading, a list or another block.
        let start = "x ";
        let safe = defused(&format!("{start}{line}"));
        match safe.as_deref().and_then(|safe| safe.strip_prefix(start)) {
            Some(safe) => safe.to_owned(),
            None => code_span(&line),
        }
    }

    /// The text as code in a line of Markdown: a name of a file, a branch or a limit.
    pub fn for_code(&self) -> String {
        code_span(&one_line(&self.visible(LINE_LIMIT)))
    }

    /// The text as a plain title. Nobody is called by a title, so mentions stay as they are written; but a title becomes
    /// a commit's when a pull request is merged, so nothing in it refers to an issue or closes one. No invisible sign
    /// does that: a space shows where a reference was, and the title can be searched and copied. Nor does anything in it
    /// switch a repository's checks off: `[skip ci]` and its like get other brackets.
    pub fn for_title(&self) -> String {
        let line = one_line(&self.visible(LINE_LIMIT));
        unskipped(&plain(&line, |acts| acts != Acts::Mention))
    }

    /// The text as a line of a commit's message, where mentions act too.
    pub fn for_commit(&self) -> String {
        let line = one_line(&self.visible(LINE_LIMIT));
        unskipped(&plain(&line, |_| true))
    }

    fn visible(&self, limit: usize) -> String {
        visible(clip(&self.0, limit))
    }
}

fn harmless(text: &str) -> String {
    let safe = defused(text).unwrap_or_else(|| fenced(text));
    let end = closing(&safe);
    safe + &end
}

/// All of the text as code, for texts that are made to be misread.
fn fenced(text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}\n{text}\n{fence}")
}

fn code_span(line: &str) -> String {
    if line.is_empty() {
        return String::new();
    }
    let run = longest_run(line);
    let sign = "`".repeat(if run == 0 { 1 } else { run + 1 });
    let gap = if line.starts_with('`') || line.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{sign}{gap}{line}{gap}{sign}")
}

fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or_default()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The line with the acting words that `breaks` names written so that they do nothing, with nothing invisible.
fn plain(line: &str, breaks: impl Fn(Acts) -> bool) -> String {
    let mut out = String::with_capacity(line.len() + 8);
    let mut at = 0;
    for (range, acts) in acting(line) {
        if !breaks(acts) {
            continue;
        }
        out.push_str(&line[at..range.start]);
        let word = &line[range.clone()];
        match acts {
            Acts::Mention => out.push_str(&word.replacen('@', "@ ", 1)),
            Acts::Address => out.push_str(word.split_once("://").map_or(word, |(_, rest)| rest)),
            Acts::Reference if word.contains('#') => out.push_str(&word.replace('#', "# ")),
            Acts::Reference => out.push_str(&word.replace('-', " ")),
        }
        at = range.end;
    }
    out.push_str(&line[at..]);
    out
}

#[cfg(test)]
mod tests;
