//! How credentials look that people and platforms use.

use std::ops::Range;

use super::CredentialKind::{
    self, AddressPassword, Authorization, Chat, Cloud, Forge, Model, Payment, PrivateKey, Registry,
    WebToken,
};
use crate::clip;

/// How a credential begins and goes on.
struct Shape {
    start: &'static str,
    /// How many characters follow at least.
    length: usize,
    /// Whether nothing that belongs to a word may stand before it.
    whole: Whole,
    kind: CredentialKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Whole {
    Word,
    Anywhere,
}

const fn shape(start: &'static str, length: usize, whole: Whole, kind: CredentialKind) -> Shape {
    Shape {
        start,
        length,
        whole,
        kind,
    }
}

/// The one table of shapes. What follows are letters, digits, `_` and `-`, and for some dots.
const SHAPES: [Shape; 45] = [
    shape("ghs_", 30, Whole::Anywhere, Forge),
    shape("ghp_", 30, Whole::Anywhere, Forge),
    shape("gho_", 30, Whole::Anywhere, Forge),
    shape("ghu_", 30, Whole::Anywhere, Forge),
    shape("ghr_", 30, Whole::Anywhere, Forge),
    shape("github_pat_", 30, Whole::Anywhere, Forge),
    shape("glpat-", 20, Whole::Anywhere, Forge),
    shape("gldt-", 20, Whole::Word, Forge),
    shape("ATBB", 28, Whole::Word, Forge),
    shape("ATATT3", 40, Whole::Word, Forge),
    shape("sk-ant-", 20, Whole::Anywhere, Model),
    shape("sk-proj-", 20, Whole::Anywhere, Model),
    shape("sk-svcacct-", 20, Whole::Anywhere, Model),
    shape("sk-admin-", 20, Whole::Anywhere, Model),
    shape("sk-or-", 20, Whole::Word, Model),
    shape("sk-", 32, Whole::Word, Model),
    shape("hf_", 30, Whole::Word, Model),
    shape("gsk_", 40, Whole::Word, Model),
    shape("AIza", 35, Whole::Word, Cloud),
    shape("ya29.", 20, Whole::Word, Cloud),
    shape("GOCSPX-", 20, Whole::Word, Cloud),
    shape("AKIA", 16, Whole::Word, Cloud),
    shape("ASIA", 16, Whole::Word, Cloud),
    shape("ABIA", 16, Whole::Word, Cloud),
    shape("ABSK", 60, Whole::Word, Cloud),
    shape("bedrock-api-key-", 20, Whole::Word, Cloud),
    shape("dop_v1_", 40, Whole::Word, Cloud),
    shape("xoxb-", 20, Whole::Word, Chat),
    shape("xoxp-", 20, Whole::Word, Chat),
    shape("xoxa-", 20, Whole::Word, Chat),
    shape("xoxr-", 20, Whole::Word, Chat),
    shape("xoxs-", 20, Whole::Word, Chat),
    shape("xoxe-", 20, Whole::Word, Chat),
    shape("xoxe.", 20, Whole::Word, Chat),
    shape("xapp-", 20, Whole::Word, Chat),
    shape("npm_", 36, Whole::Word, Registry),
    shape("pypi-AgE", 30, Whole::Word, Registry),
    shape("rubygems_", 40, Whole::Word, Registry),
    shape("dckr_pat_", 20, Whole::Word, Registry),
    shape("cio", 32, Whole::Word, Registry),
    shape("sk_live_", 16, Whole::Word, Payment),
    shape("sk_test_", 16, Whole::Word, Payment),
    shape("rk_live_", 16, Whole::Word, Payment),
    shape("rk_test_", 16, Whole::Word, Payment),
    shape("whsec_", 24, Whole::Word, Payment),
];
/// Names of settings whose value is a cloud's secret of at least so many characters.
const SECRET_SETTINGS: [(&str, usize); 4] = [
    ("aws_secret_access_key", 30),
    ("secretaccesskey", 30),
    ("aws_session_token", 60),
    ("accountkey", 40),
];

/// How much of a credential is looked at to tell it from words.
const PROSE_LIMIT: usize = 64;

/// Where something has a credential's shape.
pub(super) fn find(text: &str) -> Vec<(Range<usize>, CredentialKind)> {
    let mut found = Vec::new();
    for shape in &SHAPES {
        let starts = text.match_indices(shape.start).map(|(at, _)| at);
        let mut end = 0;
        for at in starts {
            let from = at + shape.start.len();
            if from > end {
                end = run_end(text, from, is_token);
            }
            let whole = shape.whole == Whole::Anywhere || !follows_word(text, at);
            if whole && end - from >= shape.length && !is_prose(&text[from..end]) {
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
    is_token(byte) || matches!(byte, b'+' | b'/' | b'=' | b'.' | b'~')
}

fn run_end(text: &str, from: usize, belongs: impl Fn(u8) -> bool) -> usize {
    let rest = &text.as_bytes()[from.min(text.len())..];
    from + rest.iter().take_while(|byte| belongs(**byte)).count()
}

fn follows_word(text: &str, at: usize) -> bool {
    at > 0 && is_token(text.as_bytes()[at - 1])
}

/// Words joined by dashes, as in an example or a name, and what has been masked.
fn is_prose(rest: &str) -> bool {
    let rest = clip(rest, PROSE_LIMIT);
    rest.bytes()
        .all(|b| b.is_ascii_lowercase() || matches!(b, b'-' | b'_'))
        || rest.bytes().all(|b| matches!(b, b'x' | b'X' | b'-' | b'_'))
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
    /// What stands behind a name, `=`, `:`, quotation marks and spaces.
    fn behind(&mut self, text: &str, from: usize) -> Range<usize> {
        let start = run_end(text, from, |byte| {
            matches!(
                byte,
                b' ' | b'\t' | b'=' | b':' | b'"' | b'\'' | b'`' | b'\\' | b'>'
            )
        });
        if start >= self.end {
            self.end = run_end(text, start, is_base64);
        }
        start..self.end
    }
}

fn settings(text: &str, lower: &str) -> Vec<(Range<usize>, CredentialKind)> {
    let mut found = Vec::new();
    for (name, length) in SECRET_SETTINGS {
        let mut values = Values::default();
        for (at, _) in lower.match_indices(name) {
            let value = values.behind(text, at + name.len());
            if value.len() >= length {
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
            let mut range = values.behind(text, at + name.len());
            let scheme = &lower[range.clone()];
            if ["bearer", "basic", "token"].contains(&scheme) {
                range = values.behind(text, range.end);
            }
            if range.len() >= 12
                && text[range.clone()]
                    .bytes()
                    .any(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
            {
                found.push((range, Authorization));
            }
        }
    }
    found
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
