//! Words that switch a repository's checks off when they stand in a commit's message.

/// What stands between stars to switch checks off.
const NO_CI: &str = "***NO_CI***";
/// The line at a message's end that does it, up to its colon.
const TRAILER: &str = "skip-checks";

/// The line with these words written so that they do nothing: brackets become round, and a sign within a word a space.
pub(super) fn unskipped(line: &str) -> String {
    let line = rounded(line);
    let line = parted(&line, NO_CI, '_', |_| true);
    parted(&line, TRAILER, '-', |rest| {
        rest.trim_start().starts_with(':')
    })
}

/// `[skip ci]` and its like with round brackets.
fn rounded(line: &str) -> String {
    let mut out = line.to_owned();
    let mut opened = None;
    for (at, sign) in line.char_indices() {
        match (sign, opened) {
            ('[', _) => opened = Some(at),
            (']', Some(start)) => {
                if skips(&line[start + 1..at]) {
                    out.replace_range(start..=start, "(");
                    out.replace_range(at..=at, ")");
                }
                opened = None;
            }
            _ => {}
        }
    }
    out
}

/// Two words, one of which is `skip`, whatever the other one names; or `no ci`.
fn skips(inner: &str) -> bool {
    let words = inner.split(|c: char| c.is_whitespace() || matches!(c, '-' | '_'));
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let is = |word: &str, name: &str| word.eq_ignore_ascii_case(name);
    match words[..] {
        [one, two] => is(one, "skip") || is(two, "skip") || is(one, "no") && is(two, "ci"),
        _ => false,
    }
}

/// The line with a space for `sign` in every `word` that `counts` says something about what follows it.
fn parted(line: &str, word: &str, sign: char, counts: impl Fn(&str) -> bool) -> String {
    let lower = line.to_ascii_lowercase();
    let mut out = String::with_capacity(line.len());
    let mut at = 0;
    while let Some(found) = lower[at..].find(&word.to_ascii_lowercase()) {
        let (start, end) = (at + found, at + found + word.len());
        out.push_str(&line[at..start]);
        if counts(&line[end..]) {
            out.push_str(&line[start..end].replace(sign, " "));
        } else {
            out.push_str(&line[start..end]);
        }
        at = end;
    }
    out.push_str(&line[at..]);
    out
}
