//! The lines of a text, and what an answer makes of them.

use std::fmt::Write as _;

use super::{FirstLine, Scanned};
use crate::model::Answer;

/// What an answer says that names no line.
const NONE: &str = "none";

/// A text in lines, each with its end.
#[derive(Debug)]
pub(super) struct Lines<'a>(Vec<&'a str>);

impl<'a> Lines<'a> {
    /// The lines of `text`. Whatever anybody takes for the end of a line is one, or a model would count other lines.
    pub(super) fn of(text: &'a str) -> Self {
        Self(text.split_inclusive(ends_line).collect())
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Every line after `mark`, its number and a bar. Nobody who wrote the text may know the mark.
    pub(super) fn numbered(&self, mark: &str) -> String {
        let mut text = String::new();
        for (number, line) in (1..).zip(&self.0) {
            // Writing to a text cannot fail.
            let _written = writeln!(
                text,
                "{mark} {number}| {}",
                line.trim_end_matches(ends_line)
            );
        }
        text
    }

    /// What is left without the lines that `answer` names; nothing if it is not one that names lines of this text and
    /// says no more. Takes time in proportion to both.
    pub(super) fn without(&self, answer: &Answer) -> Option<Scanned> {
        let named = match answer {
            Answer::Whole(answer) => named(answer, self.0.len())?,
            Answer::Cut(answer) => named_so_far(answer, self.0.len())?,
        };
        let removed = named.iter().filter(|named| **named).count();
        if removed == 0 {
            return Some(Scanned::Whole);
        }
        let says = |(line, _): &(&&str, &bool)| !line.trim().is_empty();
        let first = self.0.iter().zip(&named).find(says);
        let first = match first {
            Some((_, true)) => FirstLine::Gone,
            _ => FirstLine::Kept,
        };
        let left = self.0.iter().zip(&named);
        let left = left.filter(|(_, named)| !**named).map(|(line, _)| *line);
        let text: String = left.collect();
        Some(if text.trim().is_empty() {
            Scanned::HeldBack
        } else {
            Scanned::Shortened {
                text,
                removed,
                first,
            }
        })
    }
}

/// Whether a reader may begin a new line behind the sign.
pub(super) fn ends_line(sign: char) -> bool {
    matches!(
        sign,
        '\n' | '\u{B}' | '\u{C}' | '\r' | '\u{1C}'..='\u{1E}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// For each of `count` lines whether `answer` names it: numbers and ranges parted by commas, or the word for none.
fn named(answer: &str, count: usize) -> Option<Vec<bool>> {
    let answer = answer.trim().trim_end_matches('.');
    if answer.eq_ignore_ascii_case(NONE) {
        return Some(vec![false; count]);
    }
    // How many ranges begin and end before each line, so that it does not matter how many lie over one another.
    let (mut begun, mut ended) = (vec![0_usize; count + 2], vec![0_usize; count + 2]);
    for part in answer.split(',') {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to) = (number(from)?, number(to)?);
        if from == 0 || from > to || to > count {
            return None;
        }
        begun[from] += 1;
        ended[to + 1] += 1;
    }
    let mut open = 0;
    let lines = begun.iter().zip(&ended).skip(1).take(count);
    Some(
        lines
            .map(|(begun, ended)| {
                open = open + begun - ended;
                open > 0
            })
            .collect(),
    )
}

/// The same for an answer that was cut off: what follows its last comma may be the half of a number. Behind the last
/// line that it names nobody has looked, so all of that goes too.
fn named_so_far(answer: &str, count: usize) -> Option<Vec<bool>> {
    let (whole, _) = answer.rsplit_once(',')?;
    let mut named = named(whole, count)?;
    let last = named.iter().rposition(|named| *named)?;
    named[last..].fill(true);
    Some(named)
}

fn number(text: &str) -> Option<usize> {
    let text = text.trim();
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}
