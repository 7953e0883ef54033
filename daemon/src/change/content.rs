//! Rules about what is written into the files.

use domain::{CredentialKind, Redactor};
use secrecy::{ExposeSecret, SecretString};

use super::{LINES_LIMIT, Refusal};

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
            let refusal = Refusal::Secret(kind, file.into());
            if !found.contains(&refusal) {
                found.push(refusal);
            }
        }
    }
    if changed > LINES_LIMIT {
        found.push(Refusal::TooLong);
    }
    found
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
    Added(&'a [u8], &'a [u8]),
    /// One that was there before.
    Removed,
}

// Which line is part of a file's text only the numbers in the hunk's head tell: a text may look like any other line.
fn lines(patch: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let (mut file, mut removed, mut added): (&[u8], u64, u64) = (b"", 0, 0);
    patch.split(|byte| *byte == b'\n').filter_map(move |line| {
        match line.first() {
            Some(b'+') if added > 0 => {
                added -= 1;
                return Some(Line::Added(file, &line[1..]));
            }
            Some(b'-') if removed > 0 => {
                removed -= 1;
                return Some(Line::Removed);
            }
            _ => {}
        }
        if let Some(name) = line.strip_prefix(b"+++ ") {
            file = name.strip_prefix(b"b/").unwrap_or(name);
        } else if let Some(head) = line.strip_prefix(b"@@ ") {
            (removed, added) = hunk(head);
        }
        None
    })
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
