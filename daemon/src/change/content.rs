//! Rules about what is written into the files.

use secrecy::{ExposeSecret, SecretString};

use super::{LINES_LIMIT, Refusal};

/// The shortest secret that is looked for as it is; shorter ones are found by chance.
const SECRET_LENGTH: usize = 8;
/// How credentials begin that people and platforms use, how many characters follow at least, and what they are.
const SHAPES: [(&str, usize, &str); 8] = [
    ("ghs_", 30, "an installation token"),
    ("ghp_", 30, "a personal access token"),
    ("gho_", 30, "a GitHub OAuth token"),
    ("github_pat_", 30, "a personal access token"),
    ("sk-ant-", 20, "a model provider's key"),
    ("AKIA", 16, "an AWS access key"),
    ("ASIA", 16, "an AWS session key"),
    ("xoxb-", 20, "a Slack token"),
];

/// What is refused in the lines that a patch without context adds.
pub(crate) fn contents(patch: &[u8], secrets: &[SecretString]) -> Vec<Refusal> {
    let mut found = Vec::new();
    let mut changed = 0_usize;
    for line in lines(patch) {
        changed += 1;
        let Line::Added(file, text) = line else {
            continue;
        };
        let text = String::from_utf8_lossy(text);
        if let Some(kind) = secret(&text, secrets) {
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

fn secret(line: &str, secrets: &[SecretString]) -> Option<&'static str> {
    if secrets.iter().any(|secret| holds(line, secret)) {
        return Some("a secret of this platform");
    }
    if line.contains("-----BEGIN ") && line.contains("PRIVATE KEY-----") {
        return Some("a private key");
    }
    let shape = SHAPES.iter().find(|shape| has_shape(line, shape));
    shape.map(|(_, _, what)| *what)
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

fn holds(line: &str, secret: &SecretString) -> bool {
    let secret = secret.expose_secret();
    secret.len() >= SECRET_LENGTH && line.contains(secret)
}

fn has_shape(line: &str, (start, length, _): &(&str, usize, &str)) -> bool {
    line.match_indices(start).any(|(at, _)| {
        let rest = line[at + start.len()..].bytes();
        rest.take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
            .count()
            >= *length
    })
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
            ["an installation token"]
        );
        assert_eq!(found(&format!("-let t = \"{token}\";")), [""; 0]);
        assert_eq!(
            found("+x job-token-of-ours y"),
            ["a secret of this platform"]
        );
        assert_eq!(found("+-----BEGIN RSA PRIVATE KEY-----"), ["a private key"]);
        assert_eq!(found("+AKIAABCDEFGHIJKLMNOP"), ["an AWS access key"]);
        assert_eq!(found("+ghs_ is how they begin"), [""; 0]);
        // A text that looks like the head of a file is a text all the same.
        assert_eq!(found(&format!("+++ b/{token}")), ["an installation token"]);
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
