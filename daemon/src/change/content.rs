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
    let text = String::from_utf8_lossy(patch);
    let changed = text
        .lines()
        .filter(|line| line.starts_with(['+', '-']))
        .count();
    let mut found = Vec::new();
    if changed > LINES_LIMIT {
        found.push(Refusal::TooLong);
    }
    let added = || text.lines().filter(|line| line.starts_with('+'));
    if added().any(|line| secrets.iter().any(|secret| holds(line, secret))) {
        found.push(Refusal::Secret("a secret of this platform"));
    }
    let shapes = SHAPES
        .iter()
        .filter(|shape| added().any(|line| has_shape(line, shape)));
    found.extend(shapes.map(|(_, _, what)| Refusal::Secret(what)));
    if added().any(|line| line.contains("-----BEGIN ") && line.contains("PRIVATE KEY-----")) {
        found.push(Refusal::Secret("a private key"));
    }
    found
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

    #[test]
    fn credentials_are_found_where_they_are_added() {
        let token = format!("ghs_{}", "a1".repeat(20));
        let own = [SecretString::from("job-token-of-ours")];
        let refusals = |line: &str| contents(format!("@@ -1 +1 @@\n{line}\n").as_bytes(), &own);
        assert_eq!(
            refusals(&format!("+let t = \"{token}\";")),
            [Refusal::Secret("an installation token")]
        );
        assert_eq!(refusals(&format!("-let t = \"{token}\";")), []);
        assert_eq!(
            refusals("+x job-token-of-ours y"),
            [Refusal::Secret("a secret of this platform")]
        );
        assert_eq!(
            refusals("+-----BEGIN RSA PRIVATE KEY-----"),
            [Refusal::Secret("a private key")]
        );
        assert_eq!(
            refusals("+AKIAABCDEFGHIJKLMNOP"),
            [Refusal::Secret("an AWS access key")]
        );
        assert_eq!(refusals("+ghs_ is how they begin"), []);
    }

    #[test]
    fn an_empty_secret_is_in_nothing() {
        assert_eq!(contents(b"+anything\n", &[SecretString::from("")]), []);
    }

    #[test]
    fn a_change_nobody_can_read_is_refused() {
        let patch = "+x\n".repeat(LINES_LIMIT + 1);
        assert_eq!(contents(patch.as_bytes(), &[]), [Refusal::TooLong]);
        assert_eq!(contents(&patch.as_bytes()[3..], &[]), []);
    }
}
