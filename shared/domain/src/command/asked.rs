//! Finding what somebody asks for in what they wrote.

use serde::{Deserialize, Serialize};

use super::{Command, Vocabulary};
use crate::{
    DefinitionName,
    markdown::{is_invisible, read_lines},
};

/// The most characters of a comment that are read; GitHub takes no longer ones.
const COMMENT_LIMIT: usize = 65_536;
/// The most characters of a line that can hold a command.
const LINE_LIMIT: usize = 80;
/// The most letters of a word that may be meant for a command although it comes close to none.
const WORD_LIMIT: usize = 16;
/// The most slips in a word that is meant for a command.
const SLIPS: usize = 3;

/// What a text asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A command as it is written.
    Command(Command),
    /// Something that somebody will have meant as a command; they are told how it is written.
    NearMiss(NearMiss),
    /// Nothing.
    Nothing,
}

/// Something that is almost a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NearMiss {
    /// What it comes closest to, if it comes close to anything.
    pub meant: Option<Command>,
}

impl Asked {
    /// The command, if it is one.
    pub fn command(self) -> Option<Command> {
        match self {
            Self::Command(command) => Some(command),
            Self::NearMiss(_) | Self::Nothing => None,
        }
    }
}

/// What the comment asks for: its first command, or else its first near miss.
pub(super) fn in_comment(vocabulary: &Vocabulary, body: &str) -> Asked {
    let mut asked = Asked::Nothing;
    read_comment(body, |line| {
        if asked.command().is_none() {
            match in_line(vocabulary, line) {
                found @ Asked::Command(_) => asked = found,
                found @ Asked::NearMiss(_) if asked == Asked::Nothing => asked = found,
                Asked::NearMiss(_) | Asked::Nothing => {}
            }
        }
    });
    asked
}

/// Whether any line of the comment asks for that.
pub(super) fn is_in_comment(vocabulary: &Vocabulary, body: &str, asked: Asked) -> bool {
    let mut found = false;
    read_comment(body, |line| {
        found = found || in_line(vocabulary, line) == asked;
    });
    found
}

/// Reads the lines that can ask for something.
fn read_comment(body: &str, line: impl FnMut(&str)) {
    let end = body.char_indices().nth(COMMENT_LIMIT);
    let body = end.map_or(body, |(end, _)| &body[..end]);
    // Most comments are about something else.
    if mentions_bot(body) {
        read_lines(body, line);
    }
}

/// What the label asks for. Other programs have labels too, so what comes close to nothing is theirs.
pub(super) fn in_label(vocabulary: &Vocabulary, name: &str) -> Asked {
    match in_line(vocabulary, name) {
        Asked::NearMiss(NearMiss { meant: None }) => Asked::Nothing,
        asked => asked,
    }
}

/// Whether the text may hold the word at all, spelt in letters, with hidden signs between them, or as entities.
fn mentions_bot(body: &str) -> bool {
    body.bytes().any(|b| matches!(b, b'b' | b'B' | b'&'))
}

fn in_line(vocabulary: &Vocabulary, line: &str) -> Asked {
    let plain: String = line
        .chars()
        .filter(|c| !is_invisible(*c))
        .take(LINE_LIMIT + 1)
        .flat_map(char::to_lowercase)
        .collect();
    let plain = plain.trim();
    if plain.chars().count() > LINE_LIMIT {
        return Asked::Nothing;
    }
    let exact = plain
        .strip_prefix("bot:")
        .and_then(|word| exactly(vocabulary, word));
    match exact {
        Some(command) => Asked::Command(command),
        None => near(vocabulary, plain).map_or(Asked::Nothing, Asked::NearMiss),
    }
}

fn exactly(vocabulary: &Vocabulary, word: &str) -> Option<Command> {
    vocabulary.commands().find(|command| command.word() == word)
}

/// Reads `/bot implement`, `bot: implement`, `bot:implement now`, `bot:implment`, `bot:deploy` and the like.
fn near(vocabulary: &Vocabulary, line: &str) -> Option<NearMiss> {
    let bare = line.trim_start_matches(['/', '@', '!']);
    let called = bare.len() < line.len();
    let rest = bare.strip_prefix("bot")?;
    let word_at = rest.find(|c: char| c.is_alphanumeric())?;
    let (between, rest) = rest.split_at(word_at);
    if between.is_empty() || !between.chars().all(separates) {
        return None;
    }
    let (word, meant) = meant(vocabulary, rest);
    let alone = !rest[word.len()..].contains(char::is_alphanumeric);
    let colon = between.contains([':', '：', ';']);
    let counts = match meant {
        Some(command) if command.word() == word => colon || called || alone,
        Some(_) => alone || between == ":",
        None => alone && between == ":" && !called && word.len() > 1 && word.len() <= WORD_LIMIT,
    };
    counts.then_some(NearMiss { meant })
}

fn separates(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            ':' | ';' | '：' | '.' | ',' | '-' | '_' | '/' | '=' | '>'
        )
}

/// The word that `text` begins with, and the command that it is close to. A hyphen belongs to the word only where that
/// makes it one of those that have some.
fn meant<'a>(vocabulary: &Vocabulary, text: &'a str) -> (&'a str, Option<Command>) {
    let word = |inside: fn(char) -> bool| {
        let end = text.find(|c| !inside(c)).unwrap_or(text.len());
        text[..end].trim_end_matches('-')
    };
    let hyphened = word(|c| c.is_alphabetic() || c == '-');
    let meant = closest(vocabulary, hyphened);
    if meant.is_some_and(|command| command.word().contains('-')) {
        return (hyphened, meant);
    }
    let letters = word(char::is_alphabetic);
    (letters, closest(vocabulary, letters))
}

/// The command whose word differs by a slip or two.
fn closest(vocabulary: &Vocabulary, word: &str) -> Option<Command> {
    let letters: Vec<char> = word.chars().take(DefinitionName::LONGEST + 1).collect();
    let near = vocabulary.commands().map(|command| {
        let slips = slips(&letters, &command.word().chars().collect::<Vec<_>>());
        (slips, command)
    });
    let (slips, command) = near.min_by_key(|(slips, _)| *slips)?;
    // A slip for every three letters: in a short word more of them make another one.
    let allowed = (command.word().len() / 3).min(SLIPS);
    (slips <= allowed).then_some(command)
}

/// How many letters have to be added, left out, changed or swapped.
fn slips(one: &[char], other: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let change = last[j] + usize::from(a != b);
            let mut fewest = change.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && one[i - 1] == *b && other[j - 1] == *a {
                fewest = fewest.min(before[j - 1] + 1);
            }
            row.push(fewest);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests;
