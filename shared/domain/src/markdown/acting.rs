//! Words that do something on GitHub when they stand in a text.

use std::ops::Range;

/// What a word does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acts {
    /// It calls a person or a team.
    Mention,
    /// It refers to an issue, a pull request, a discussion or a commit, and closes it behind some words.
    Reference,
    /// The same, as a full address.
    Address,
}

/// The acting words of a plain text, in their order. What a word before them says does not matter: without them it
/// closes nothing.
pub(crate) fn acting(text: &str) -> Vec<(Range<usize>, Acts)> {
    let mut found = Vec::new();
    let (mut at, mut last) = (0, 0);
    let bytes = text.as_bytes();
    while at < bytes.len() {
        let fresh = at == 0 || !is_word(bytes[at - 1]);
        let (range, acts) = match bytes[at] {
            b'h' | b'H' | b'w' | b'W' if fresh => match address(text, at) {
                Some((end, acts)) => (at..end, acts.then_some(Acts::Address)),
                None => (at..at + 1, None),
            },
            b'@' if at == last || !bytes[at - 1].is_ascii_alphanumeric() => {
                let end = name_end(bytes, at + 1);
                (at..end, (end > at + 1).then_some(Acts::Mention))
            }
            b'#' => {
                let end = digits_end(bytes, at + 1);
                let acts = end > at + 1 && ends(bytes, end);
                let start = if acts {
                    name_start(bytes, at, last)
                } else {
                    at
                };
                (start..end, acts.then_some(Acts::Reference))
            }
            b'g' | b'G' if fresh && is_gh(bytes, at) => {
                let end = digits_end(bytes, at + 3);
                (
                    at..end,
                    (end > at + 3 && ends(bytes, end)).then_some(Acts::Reference),
                )
            }
            b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' if fresh => hash(bytes, at),
            _ => (at..at + 1, None),
        };
        at = range.end.max(at + 1);
        if let Some(acts) = acts {
            last = at;
            found.push((range, acts));
        }
    }
    found
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn ends(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_none_or(|byte| !is_word(*byte))
}

fn is_gh(bytes: &[u8], at: usize) -> bool {
    bytes
        .get(at..at + 3)
        .is_some_and(|word| word.eq_ignore_ascii_case(b"gh-"))
}

fn run_end(bytes: &[u8], from: usize, belongs: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|byte| belongs(**byte)).count()
}

fn digits_end(bytes: &[u8], from: usize) -> usize {
    run_end(bytes, from, |byte| byte.is_ascii_digit())
}

/// Where a login, or the name of a team behind its organisation, ends.
fn name_end(bytes: &[u8], from: usize) -> usize {
    if !bytes.get(from).is_some_and(u8::is_ascii_alphanumeric) {
        return from;
    }
    let mut end = run_end(bytes, from, |byte| {
        is_word(byte) || matches!(byte, b'-' | b'/' | b'.')
    });
    while matches!(bytes[end - 1], b'-' | b'/' | b'.') {
        end -= 1;
    }
    end
}

/// Where the repository before a number begins, if one is named.
fn name_start(bytes: &[u8], sign: usize, last: usize) -> usize {
    let named = bytes[last..sign]
        .iter()
        .rev()
        .take_while(|byte| is_word(**byte) || matches!(**byte, b'-' | b'/' | b'.'))
        .count();
    sign - named
}

/// A commit's hash has digits and letters; a number or a word alone is taken for what it is, unless it is as long.
fn hash(bytes: &[u8], at: usize) -> (Range<usize>, Option<Acts>) {
    let end = run_end(bytes, at, |byte| byte.is_ascii_hexdigit());
    let run = &bytes[at..end];
    let mixed = run.iter().any(u8::is_ascii_digit) && run.iter().any(u8::is_ascii_alphabetic);
    let host =
        bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_alphabetic);
    let acts =
        (7..=40).contains(&run.len()) && (mixed || run.len() == 40) && ends(bytes, end) && !host;
    (at..end, acts.then_some(Acts::Reference))
}

/// Where the address that begins here ends, and whether it acts.
fn address(text: &str, at: usize) -> Option<(usize, bool)> {
    let rest = &text[at..];
    let starts = |start: &str| {
        rest.get(..start.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(start))
    };
    if !["https://", "http://", "www."].into_iter().any(starts) {
        return None;
    }
    let end = rest
        .find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`' | '|' | '\\'))
        .unwrap_or(rest.len());
    let whole =
        rest[..end].trim_end_matches(['?', '!', '.', ',', ':', '*', '_', '~', '\'', ')', ';', ']']);
    Some((at + whole.len(), is_acting_address(whole)))
}

/// Whether the address is that of an issue, a pull request, a discussion or a commit.
pub(crate) fn is_acting_address(address: &str) -> bool {
    let mut parts = address.split('/').peekable();
    while let Some(part) = parts.next() {
        let named = [
            "issues",
            "pull",
            "pulls",
            "discussions",
            "commit",
            "commits",
        ]
        .iter()
        .any(|name| part.eq_ignore_ascii_case(name));
        let next = parts.peek().and_then(|next| next.bytes().next());
        if named && next.is_some_and(|byte| byte.is_ascii_hexdigit()) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        acting(text)
            .into_iter()
            .map(|(range, _)| &text[range])
            .collect()
    }

    #[test]
    fn every_form_of_mention_reference_and_address_is_known() {
        for (text, expected) in [
            (
                "@ada, (@octo/core-team). é@bob",
                vec!["@ada", "@octo/core-team", "@bob"],
            ),
            (
                "fixes #1, #2 and octo/widgets#3: GH-4 gh-5",
                vec!["#1", "#2", "octo/widgets#3", "GH-4", "gh-5"],
            ),
            (
                "Closes: https://github.com/o/r/issues/1.",
                vec!["https://github.com/o/r/issues/1"],
            ),
            (
                "http://ghe.example/o/r/pull/2#issuecomment-3",
                vec!["http://ghe.example/o/r/pull/2#issuecomment-3"],
            ),
            ("see o/r@1a2b3c4 and deadbee1", vec!["1a2b3c4", "deadbee1"]),
            ("use @types/node", vec!["@types/node"]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn what_does_nothing_is_left_alone() {
        for text in [
            "ada@example.com C# F#x #include #[derive] # 1 #1a2b3c @ @@ @- 1234567 defaced",
            "https://example.com/@ada/x#1 www.example.com/#2 https://github.com/o/r/blob/main/a.rs#L3",
            "weigh-1 GH-x GH- 0a1b2c3d.example.com",
        ] {
            assert_eq!(words(text), Vec::<&str>::new(), "{text}");
        }
    }
}
