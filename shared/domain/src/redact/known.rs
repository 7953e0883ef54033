//! Secrets that are known by themselves.

use std::ops::Range;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};

use super::CredentialKind;

/// The shortest secret that is looked for; shorter ones are found by chance.
const LENGTH: usize = 8;
/// The shortest that is looked for across line ends and escapes.
const SPREAD_LENGTH: usize = 12;

/// Known secrets in the ways they can be written.
#[derive(Clone, Default)]
pub(super) struct Known {
    written: Vec<String>,
    spread: Vec<String>,
}

impl Known {
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut known = Self::default();
        for secret in secrets.into_iter().map(str::trim) {
            if secret.len() >= LENGTH {
                known.written.extend(writings(secret));
            }
            let joined: String = secret.chars().filter(|c| !c.is_whitespace()).collect();
            if joined.len() >= SPREAD_LENGTH {
                known.spread.push(joined);
            }
        }
        known
    }

    pub(super) fn find(&self, text: &str) -> Vec<(Range<usize>, CredentialKind)> {
        let mut found = Vec::new();
        for written in &self.written {
            let places = text.match_indices(written.as_str());
            found.extend(places.map(|(at, _)| (at..at + written.len(), CredentialKind::Platform)));
        }
        if self.spread.is_empty() {
            return found;
        }
        let (joined, starts) = join(text);
        for spread in &self.spread {
            let places = joined.match_indices(spread.as_str());
            found.extend(places.map(|(at, _)| {
                let (start, _) = starts[at];
                let (_, end) = starts[at + spread.len() - 1];
                (start..end, CredentialKind::Platform)
            }));
        }
        found
    }
}

/// The secret as it is, in base64 wherever in a longer text it stands, in hexadecimal digits, and in an address.
fn writings(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let mut writings = vec![
        secret.to_owned(),
        HEXLOWER.encode(bytes),
        HEXUPPER.encode(bytes),
    ];
    for shift in 0..3 {
        let shifted = [&[0; 2][..shift.min(2)], bytes].concat();
        // The first and last signs also depend on what stands before and behind.
        let (from, less) = ([0, 2, 3][shift], [0, 1, 1][shifted.len() % 3]);
        for encoding in [BASE64_NOPAD, BASE64URL_NOPAD] {
            let encoded = encoding.encode(&shifted);
            writings.extend(encoded.get(from..encoded.len() - less).map(str::to_owned));
        }
    }
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    let in_address = bytes.iter().map(|byte| match byte {
        byte if plain(byte) => char::from(*byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    writings.push(in_address.collect());
    writings.retain(|writing| writing.len() >= LENGTH);
    writings.sort();
    writings.dedup();
    writings
}

/// The text without white space and escapes, and for each of its bytes where what it stands for begins and ends.
fn join(text: &str) -> (String, Vec<(usize, usize)>) {
    let (mut joined, mut places) = (
        String::with_capacity(text.len()),
        Vec::with_capacity(text.len()),
    );
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let (length, meant) = meaning(&text[at..], c);
        if let Some(meant) = meant.filter(|c| !c.is_whitespace()) {
            joined.push(meant);
            places.extend(std::iter::repeat_n((at, at + length), meant.len_utf8()));
        }
        at += length;
    }
    (joined, places)
}

/// How long the next sign is as it is written, and what it means; line ends mean nothing.
fn meaning(rest: &str, c: char) -> (usize, Option<char>) {
    let digits = |from: usize, to: usize| {
        u32::from_str_radix(rest.get(from..to)?, 16)
            .ok()
            .and_then(char::from_u32)
    };
    match c {
        '\\' => match rest[1..].chars().next() {
            Some('u') if let Some(meant) = digits(2, 6) => (6, Some(meant)),
            Some('x') if let Some(meant) = digits(2, 4) => (4, Some(meant)),
            Some('n' | 'r' | 't') => (2, None),
            Some(meant @ ('"' | '\'' | '/' | '\\' | '-' | '_')) => (2, Some(meant)),
            _ => (1, Some(c)),
        },
        '%' => digits(1, 3)
            .filter(char::is_ascii)
            .map_or((1, Some(c)), |meant| (3, Some(meant))),
        _ => (c.len_utf8(), Some(c)),
    }
}
