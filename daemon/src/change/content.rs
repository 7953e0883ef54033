//! Rules about what is written into the files.

use domain::{CredentialKind, Redactor};
use secrecy::{ExposeSecret, SecretString};

use super::{LINES_LIMIT, Name, Refusal};

/// What is refused in the lines that a patch without context adds.
pub(crate) fn contents(patch: &[u8], secrets: &[SecretString]) -> Vec<Refusal> {
    let redactor = Redactor::knowing(secrets.iter().map(ExposeSecret::expose_secret));
    let mut found = Vec::new();
    let mut changed = 0_usize;
    for line in lines(patch) {
        changed += 1;
        let Line::Added(file, text) = line else {
            continue;
        };
        let text = String::from_utf8_lossy(text);
        if let Some(kind) = secret(&text, &redactor) {
            // One is enough to leave the file out.
            if !found.iter().any(|one: &Refusal| one.path() == Some(&file)) {
                found.push(Refusal::Secret(kind, file));
            }
        }
    }
    if changed > LINES_LIMIT {
        found.push(Refusal::TooLong);
    }
    found
}

/// Those of `names` that hold a credential themselves.
pub(crate) fn names<'a>(
    names: impl Iterator<Item = &'a Name>,
    secrets: &[SecretString],
) -> Vec<Refusal> {
    let redactor = Redactor::knowing(secrets.iter().map(ExposeSecret::expose_secret));
    let refused = names.filter_map(|name| {
        let kind = secret(&name.to_string(), &redactor)?;
        Some(Refusal::Secret(kind, name.clone()))
    });
    refused.collect()
}

fn secret(line: &str, redactor: &Redactor) -> Option<&'static str> {
    let kinds = redactor.kinds(line).into_iter();
    kinds
        .filter(|kind| is_real(*kind))
        .map(CredentialKind::words)
        .next()
}

/// Whether a file that holds it is refused. Tests and examples are full of addresses with passwords, headers and tokens
/// that open nothing.
fn is_real(kind: CredentialKind) -> bool {
    !matches!(
        kind,
        CredentialKind::AddressPassword | CredentialKind::Authorization | CredentialKind::WebToken
    )
}

/// One changed line of a patch.
enum Line<'a> {
    /// In which file, and what is added.
    Added(Name, &'a [u8]),
    /// One that was there before.
    Removed,
}

// Which line is part of a file's text only the numbers in the hunk's head tell: a text may look like any other line.
fn lines(patch: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let (mut file, mut removed, mut added) = (Name::from(""), 0, 0);
    patch.split(|byte| *byte == b'\n').filter_map(move |line| {
        match line.first() {
            Some(b'+') if added > 0 => {
                added -= 1;
                return Some(Line::Added(file.clone(), &line[1..]));
            }
            Some(b'-') if removed > 0 => {
                removed -= 1;
                return Some(Line::Removed);
            }
            _ => {}
        }
        if let Some(name) = line.strip_prefix(b"+++ ") {
            file = named(name);
        } else if let Some(head) = line.strip_prefix(b"@@ ") {
            (removed, added) = hunk(head);
        }
        None
    })
}

// `b/path`, with a tab behind it if there is a space in it, or in quotation marks if there is anything odd in it.
fn named(told: &[u8]) -> Name {
    let told = told.strip_suffix(b"\t").unwrap_or(told);
    let quoted = told
        .strip_prefix(b"\"")
        .and_then(|rest| rest.strip_suffix(b"\""));
    let plain = quoted.map_or_else(|| told.to_owned(), unquoted);
    Name::from(plain.strip_prefix(b"b/").unwrap_or(&plain))
}

// What git writes in quotation marks: a backslash before a letter, a sign or three octal digits.
fn unquoted(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            plain.push(byte);
            continue;
        }
        let digits = after
            .get(..3)
            .filter(|digits| digits.iter().all(|d| matches!(d, b'0'..=b'7')));
        if let Some(digits) = digits {
            let value = digits.iter().fold(0_u8, |value, d| {
                value.wrapping_mul(8).wrapping_add(d - b'0')
            });
            plain.push(value);
            rest = &after[3..];
        } else if let Some((&letter, after)) = after.split_first() {
            plain.push(match letter {
                b'a' => 7,
                b'b' => 8,
                b't' => b'\t',
                b'n' => b'\n',
                b'v' => 11,
                b'f' => 12,
                b'r' => b'\r',
                other => other,
            });
            rest = after;
        }
    }
    plain
}

// `-1,2 +3 @@`: how many lines are removed and added; a number that is left out is 1.
fn hunk(head: &[u8]) -> (u64, u64) {
    let text = String::from_utf8_lossy(head);
    let mut counts = text.split(' ').map(|part| {
        part.split_once(',')
            .map_or(1, |(_, count)| count.parse().unwrap_or(0))
    });
    (counts.next().unwrap_or(0), counts.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(line: &str) -> Vec<u8> {
        format!("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n{line}\n").into_bytes()
    }

    #[test]
    fn credentials_are_found_where_they_are_added() {
        let token = format!("ghs_{}", "a1".repeat(20));
        let own = [SecretString::from("job-token-of-ours")];
        let found = |line: &str| {
            let refusals = contents(&patch(line), &own).into_iter();
            let kinds: Vec<_> = refusals
                .map(|refusal| match refusal {
                    Refusal::Secret(kind, path) if path == "x".into() => kind,
                    other => panic!("{other}"),
                })
                .collect();
            kinds
        };
        assert_eq!(
            found(&format!("+let t = \"{token}\";")),
            ["a token of a code host"]
        );
        assert_eq!(found(&format!("-let t = \"{token}\";")), [""; 0]);
        assert_eq!(
            found("+x job-token-of-ours y"),
            ["a secret of this platform"]
        );
        assert_eq!(found("+-----BEGIN RSA PRIVATE KEY-----"), ["a private key"]);
        assert_eq!(found("+AKIAABCDEFGHIJKLMNOP"), ["a cloud's key"]);
        assert_eq!(found("+ghs_ is how they begin"), [""; 0]);
        // A text that looks like the head of a file is a text all the same.
        assert_eq!(found(&format!("+++ b/{token}")), ["a token of a code host"]);
    }

    #[test]
    fn the_file_is_known_by_whatever_name() {
        let token = format!("ghs_{}", "a1".repeat(20));
        for (told, name) in [
            ("b/x", &b"x"[..]),
            ("b/a b\t", b"a b"),
            ("\"b/l\\351\\tk\\\"\\\\\"", b"l\xe9\tk\"\\"),
        ] {
            let patch = format!("+++ {told}\n@@ -0,0 +1 @@\n+{token}\n");
            let found = contents(patch.as_bytes(), &[]);
            let [Refusal::Secret(_, file)] = &found[..] else {
                panic!("{told}: {found:?}");
            };
            assert_eq!(*file, Name::from(name), "{told}");
        }
    }

    #[test]
    fn a_name_is_looked_at_as_well() {
        let odd = Name::from("keys/AKIAABCDEFGHIJKLMNOP.txt");
        let all = [Name::from("plain"), odd.clone()];
        let expected = [Refusal::Secret("a cloud's key", odd)];
        assert_eq!(names(all.iter(), &[]), expected);
    }

    #[test]
    fn an_empty_secret_is_in_nothing() {
        assert_eq!(contents(&patch("+anything"), &[SecretString::from("")]), []);
    }

    #[test]
    fn a_change_nobody_can_read_is_refused() {
        let long = |lines: usize| {
            let head = format!("+++ b/x\n@@ -0,0 +1,{lines} @@\n");
            contents((head + &"+x\n".repeat(lines)).as_bytes(), &[])
        };
        assert_eq!(long(LINES_LIMIT + 1), [Refusal::TooLong]);
        assert_eq!(long(LINES_LIMIT), []);
    }
}
