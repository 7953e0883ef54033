//! How credentials look that people and platforms use.

use std::ops::Range;

use super::CredentialKind::{
    self, AddressPassword, Authorization, Chat, Cloud, Forge, Model, Payment, PrivateKey, Registry,
    Service, WebToken,
};
use crate::clip;

/// How a credential begins and goes on.
struct Shape {
    start: &'static str,
    body: Body,
    length: Length,
    /// Whether nothing that belongs to a word may stand before it.
    whole: Whole,
    kind: CredentialKind,
}

/// What a credential goes on with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Body {
    /// Small hexadecimal digits.
    Hex,
    /// Capital letters and digits.
    Capitals,
    /// The same with at least one digit, for a start that is a word.
    NumberedCapitals,
    /// Letters and digits.
    Letters,
    /// Those of base64, and its padding.
    Base64,
    /// Letters, digits, `_` and `-`.
    Token,
    /// The same for a start that is common in names: what follows may not be words.
    NoWords,
    /// 22 of them, a dot, and more of them.
    TwoParts,
}

/// How many signs follow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Length {
    /// So many, and then nothing that belongs to a word.
    Exactly(usize),
    /// So many or more.
    Least(usize),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Whole {
    Word,
    Anywhere,
}

impl Body {
    fn holds(self, byte: u8) -> bool {
        match self {
            Self::Hex => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            Self::Capitals | Self::NumberedCapitals => {
                byte.is_ascii_uppercase() || byte.is_ascii_digit()
            }
            Self::Letters => byte.is_ascii_alphanumeric(),
            Self::Base64 => is_base64(byte),
            Self::Token | Self::NoWords => is_token(byte),
            Self::TwoParts => is_token(byte) || byte == b'.',
        }
    }

    /// Whether the signs look drawn, and not chosen by somebody.
    fn is_drawn(self, rest: &str) -> bool {
        let rest = clip(rest, PROSE_LIMIT);
        match self {
            Self::NumberedCapitals => rest.bytes().any(|byte| byte.is_ascii_digit()),
            Self::NoWords => !is_prose(rest) && !is_words(rest),
            Self::TwoParts => rest.as_bytes().get(22) == Some(&b'.'),
            _ => !is_prose(rest),
        }
    }
}

impl Shape {
    /// Whether a credential goes on with `text` from `from` to `end`, where the signs of this shape end.
    fn fits(&self, text: &str, from: usize, end: usize) -> bool {
        let length = match self.length {
            Length::Exactly(length) => end - from == length && !goes_on(text, end),
            Length::Least(length) => end - from >= length,
        };
        length && self.body.is_drawn(&text[from..end])
    }
}

const fn shape(
    start: &'static str,
    body: Body,
    length: Length,
    whole: Whole,
    kind: CredentialKind,
) -> Shape {
    Shape {
        start,
        body,
        length,
        whole,
        kind,
    }
}

/// The one table of shapes, as those who give out the credentials describe them. Where they may get longer, the length is
/// the least.
#[rustfmt::skip]
const SHAPES: [Shape; 53] = [
    shape("ghs_", Body::Letters, Length::Least(36), Whole::Anywhere, Forge),
    // The app's number and a web token.
    shape("ghs_", Body::NoWords, Length::Least(36), Whole::Anywhere, Forge),
    shape("ghp_", Body::Letters, Length::Least(36), Whole::Anywhere, Forge),
    shape("gho_", Body::Letters, Length::Least(36), Whole::Anywhere, Forge),
    shape("ghu_", Body::Letters, Length::Least(36), Whole::Anywhere, Forge),
    shape("ghr_", Body::Letters, Length::Least(36), Whole::Anywhere, Forge),
    shape("github_pat_", Body::NoWords, Length::Least(36), Whole::Anywhere, Forge),
    shape("glpat-", Body::Token, Length::Least(20), Whole::Anywhere, Forge),
    shape("gldt-", Body::Token, Length::Least(20), Whole::Word, Forge),
    shape("glrt-", Body::Token, Length::Least(20), Whole::Word, Forge),
    shape("ATBB", Body::Letters, Length::Least(28), Whole::Word, Forge),
    shape("ATATT3", Body::Token, Length::Least(60), Whole::Word, Forge),
    shape("sk-ant-", Body::NoWords, Length::Least(36), Whole::Anywhere, Model),
    shape("sk-proj-", Body::NoWords, Length::Least(36), Whole::Anywhere, Model),
    shape("sk-svcacct-", Body::NoWords, Length::Least(36), Whole::Anywhere, Model),
    shape("sk-admin-", Body::NoWords, Length::Least(36), Whole::Anywhere, Model),
    shape("sk-or-v1-", Body::Hex, Length::Least(64), Whole::Word, Model),
    shape("sk-", Body::Letters, Length::Least(32), Whole::Word, Model),
    shape("hf_", Body::Letters, Length::Exactly(34), Whole::Word, Model),
    shape("gsk_", Body::Letters, Length::Least(52), Whole::Word, Model),
    shape("AIza", Body::Token, Length::Exactly(35), Whole::Word, Cloud),
    shape("ya29.", Body::Token, Length::Least(30), Whole::Word, Cloud),
    shape("GOCSPX-", Body::Token, Length::Exactly(28), Whole::Word, Cloud),
    shape("AKIA", Body::Capitals, Length::Exactly(16), Whole::Word, Cloud),
    shape("ASIA", Body::NumberedCapitals, Length::Exactly(16), Whole::Word, Cloud),
    shape("ABIA", Body::Capitals, Length::Exactly(16), Whole::Word, Cloud),
    shape("ACCA", Body::Capitals, Length::Exactly(16), Whole::Word, Cloud),
    shape("ABSK", Body::Base64, Length::Least(100), Whole::Word, Cloud),
    shape("bedrock-api-key-", Body::Base64, Length::Least(40), Whole::Word, Cloud),
    shape("dop_v1_", Body::Hex, Length::Exactly(64), Whole::Word, Cloud),
    shape("doo_v1_", Body::Hex, Length::Exactly(64), Whole::Word, Cloud),
    shape("dor_v1_", Body::Hex, Length::Exactly(64), Whole::Word, Cloud),
    shape("xoxb-", Body::NoWords, Length::Least(20), Whole::Word, Chat),
    shape("xoxp-", Body::NoWords, Length::Least(20), Whole::Word, Chat),
    shape("xoxa-", Body::NoWords, Length::Least(20), Whole::Word, Chat),
    shape("xoxr-", Body::NoWords, Length::Least(20), Whole::Word, Chat),
    shape("xoxs-", Body::NoWords, Length::Least(20), Whole::Word, Chat),
    shape("xoxe-", Body::NoWords, Length::Least(20), Whole::Word, Chat),
    shape("xoxe.", Body::NoWords, Length::Least(20), Whole::Word, Chat),
    shape("xapp-", Body::NoWords, Length::Least(20), Whole::Word, Chat),
    shape("npm_", Body::Letters, Length::Least(36), Whole::Word, Registry),
    shape("pypi-AgE", Body::Token, Length::Least(50), Whole::Word, Registry),
    shape("rubygems_", Body::Hex, Length::Exactly(48), Whole::Word, Registry),
    shape("dckr_pat_", Body::Token, Length::Exactly(27), Whole::Word, Registry),
    shape("cio", Body::Letters, Length::Exactly(32), Whole::Word, Registry),
    shape("sk_live_", Body::Letters, Length::Least(24), Whole::Word, Payment),
    shape("sk_test_", Body::Letters, Length::Least(24), Whole::Word, Payment),
    shape("rk_live_", Body::Letters, Length::Least(24), Whole::Word, Payment),
    shape("rk_test_", Body::Letters, Length::Least(24), Whole::Word, Payment),
    shape("whsec_", Body::Base64, Length::Least(32), Whole::Word, Payment),
    shape("shpat_", Body::Hex, Length::Exactly(32), Whole::Word, Service),
    shape("shpss_", Body::Hex, Length::Exactly(32), Whole::Word, Service),
    shape("SG.", Body::TwoParts, Length::Least(66), Whole::Word, Service),
];
/// Names of settings whose value is a cloud's secret of at least so many characters.
const SECRET_SETTINGS: [(&str, usize); 4] = [
    ("aws_secret_access_key", 40),
    ("secretaccesskey", 40),
    ("aws_session_token", 100),
    ("accountkey", 80),
];

/// How much of a credential is looked at to tell it from words.
const PROSE_LIMIT: usize = 64;
/// No word of a name is longer.
const WORD_LIMIT: usize = 24;

/// Where something has a credential's shape.
pub(super) fn find(text: &str) -> Vec<(Range<usize>, CredentialKind)> {
    let mut found = Vec::new();
    for shape in &SHAPES {
        let starts = text.match_indices(shape.start).map(|(at, _)| at);
        let mut end = 0;
        for at in starts {
            let from = at + shape.start.len();
            if from > end {
                end = run_end(text, from, |byte| shape.body.holds(byte));
            }
            let whole = shape.whole == Whole::Anywhere || !follows_word(text, at);
            if whole && shape.fits(text, from, end) {
                found.push((at..end, shape.kind));
            }
        }
    }
    found.extend(web_tokens(text));
    found.extend(private_keys(text));
    found.extend(address_passwords(text));
    let lower = text.to_ascii_lowercase();
    found.extend(settings(text, &lower));
    found.extend(authorizations(text, &lower));
    found.extend(chat_hooks(text));
    found
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// What may stand in a header's value.
fn is_header(byte: u8) -> bool {
    is_token(byte) || is_base64(byte) || matches!(byte, b'.' | b'~')
}

fn run_end(text: &str, from: usize, belongs: impl Fn(u8) -> bool) -> usize {
    let rest = &text.as_bytes()[from.min(text.len())..];
    from + rest.iter().take_while(|byte| belongs(**byte)).count()
}

fn follows_word(text: &str, at: usize) -> bool {
    at > 0 && is_token(text.as_bytes()[at - 1])
}

fn goes_on(text: &str, at: usize) -> bool {
    let next = text.as_bytes().get(at);
    next.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

/// Words joined by dashes, as in an example or a name, and what has been masked.
fn is_prose(rest: &str) -> bool {
    let joint = |b: u8| matches!(b, b'-' | b'_' | b'/');
    rest.bytes().all(|b| b.is_ascii_lowercase() || joint(b))
        || rest.bytes().all(|b| matches!(b, b'x' | b'X') || joint(b))
}

/// Whether the parts between dashes and dots are words, versions and small numbers, in whatever case.
fn is_words(rest: &str) -> bool {
    rest.split(['-', '_', '.']).all(is_word)
}

/// Words seldom change between small letters, capitals and digits; what was drawn does all the time.
fn is_word(part: &str) -> bool {
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    let changes = part.as_bytes().windows(2);
    let changes = changes.filter(|pair| is_change(pair[0], pair[1])).count();
    part.len() <= WORD_LIMIT && digits <= 8 && changes <= 1 + part.len() / 5
}

const fn is_change(before: u8, after: u8) -> bool {
    before.is_ascii_digit() != after.is_ascii_digit()
        || before.is_ascii_lowercase() && after.is_ascii_uppercase()
}

/// Three parts of base64 with dots between them, the first two of which are JSON.
fn web_tokens(text: &str) -> Vec<(Range<usize>, CredentialKind)> {
    let mut found = Vec::new();
    let mut end = 0;
    for (at, _) in text.match_indices("eyJ") {
        if at < end {
            continue;
        }
        end = run_end(text, at, |byte| {
            is_token(byte) || byte == b'.' || byte == b'='
        });
        let mut parts = text[at..end].split('.');
        let head = parts.next().is_some_and(|head| head.len() >= 12);
        let body = parts.next().is_some_and(|body| body.len() >= 12);
        if head && body && parts.next().is_some() {
            found.push((at..end, WebToken));
        }
    }
    found
}

/// From the line that begins a private key to the line that ends it, or as far as it goes.
fn private_keys(text: &str) -> Vec<(Range<usize>, CredentialKind)> {
    let mut found = Vec::new();
    for (at, begin) in text.match_indices("-----BEGIN ") {
        let name = clip(&text[at + begin.len()..], 48);
        let Some(name) = name.find("-----").map(|end| &name[..end]) else {
            continue;
        };
        if name.contains("PRIVATE KEY") {
            let body = at + begin.len() + name.len() + 5;
            found.push((at..key_end(text, body), PrivateKey));
        }
    }
    found
}

/// Where the lines of a key end, be they lines or written with `\n`.
fn key_end(text: &str, from: usize) -> usize {
    let mut at = from;
    loop {
        let gap = run_end(text, at, |byte| {
            byte.is_ascii_whitespace() || matches!(byte, b'"' | b',' | b'+')
        });
        let gap = if text[gap..].starts_with("\\n") || text[gap..].starts_with("\\r") {
            gap + 2
        } else {
            gap
        };
        let rest = &text[gap..];
        if let Some(name) = rest.strip_prefix("-----END ") {
            let line = clip(name, 48).find("-----");
            return line.map_or(at, |end| gap + 9 + end + 5);
        }
        let end = run_end(text, gap, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
        });
        if end == gap && gap == at
            || end > gap && end - gap < 16 && !text[end..].trim_start().starts_with("-----END")
        {
            return at;
        }
        if end == gap && !text[gap..].starts_with('\\') {
            return at;
        }
        at = end;
    }
}

fn address_passwords(text: &str) -> Vec<(Range<usize>, CredentialKind)> {
    let mut found = Vec::new();
    for (at, sign) in text.match_indices("://") {
        let from = at + sign.len();
        let end = run_end(text, from, |byte| {
            !byte.is_ascii_whitespace() && !b"/?#\"'<>`@[]()".contains(&byte)
        });
        if text.as_bytes().get(end) != Some(&b'@') {
            continue;
        }
        let Some(colon) = text[from..end].find(':') else {
            continue;
        };
        let password = from + colon + 1..end;
        let shown = &text[password.clone()];
        if !shown.is_empty() && !shown.starts_with(['$', '{', '*']) {
            found.push((password, AddressPassword));
        }
    }
    found
}

/// Finds values behind names, looking at each of their characters once.
#[derive(Default)]
struct Values {
    end: usize,
}

impl Values {
    /// What stands behind a name, `=`, `:`, quotation marks and spaces, and is made of signs that belong to it.
    fn behind(&mut self, text: &str, from: usize, belongs: fn(u8) -> bool) -> Range<usize> {
        let start = run_end(text, from, |byte| {
            matches!(
                byte,
                b' ' | b'\t' | b'=' | b':' | b'"' | b'\'' | b'`' | b'\\' | b'>'
            )
        });
        if start >= self.end {
            self.end = run_end(text, start, belongs);
        }
        start..self.end
    }
}

fn settings(text: &str, lower: &str) -> Vec<(Range<usize>, CredentialKind)> {
    let mut found = Vec::new();
    for (name, length) in SECRET_SETTINGS {
        let mut values = Values::default();
        for (at, _) in lower.match_indices(name) {
            let from = at + name.len();
            let value = values.behind(text, from, is_base64);
            let shown = clip(&text[value.clone()], PROSE_LIMIT);
            if value.start > from && value.len() >= length && !is_prose(shown) {
                found.push((value, Cloud));
            }
        }
    }
    found
}

/// The token behind `Authorization: Bearer`, and behind names of headers that hold a key.
fn authorizations(text: &str, lower: &str) -> Vec<(Range<usize>, CredentialKind)> {
    let mut found = Vec::new();
    for name in ["authorization", "x-api-key", "x-goog-api-key", "api-key"] {
        let mut values = Values::default();
        for (at, _) in lower.match_indices(name) {
            let from = at + name.len();
            let mut range = values.behind(text, from, is_header);
            let scheme = ["bearer", "basic", "token"].contains(&&lower[range.clone()]);
            let is_value = if scheme {
                range = values.behind(text, range.end, is_header);
                true
            } else {
                // Without a scheme it may be code that says where the value comes from.
                let gap = &text[from..range.start];
                gap.contains([':', '=']) && !is_words(clip(&text[range.clone()], PROSE_LIMIT))
            };
            if is_value && range.len() >= 12 && !is_lower(clip(&text[range.clone()], PROSE_LIMIT)) {
                found.push((range, Authorization));
            }
        }
    }
    found
}

/// Whether there is neither a digit nor a capital.
fn is_lower(text: &str) -> bool {
    !text
        .bytes()
        .any(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

fn chat_hooks(text: &str) -> Vec<(Range<usize>, CredentialKind)> {
    const HOOK: &str = "hooks.slack.com/services/";
    let hooks = text.match_indices(HOOK).filter_map(|(at, _)| {
        let from = at + HOOK.len();
        let end = run_end(text, from, |byte| {
            byte.is_ascii_alphanumeric() || byte == b'/'
        });
        (end - from >= 20).then_some((from..end, Chat))
    });
    hooks.collect()
}
