use data_encoding::{BASE64, BASE64URL, HEXLOWER};
use proptest::prelude::*;

use super::*;

fn shapes(text: &str) -> Redacted {
    Redactor::default().redact(text)
}

#[test]
fn every_shape_is_replaced_by_what_it_was() {
    let body = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0";
    let upper = "A1B2C3D4E5F6G7H8";
    for (secret, kind) in [
        (format!("ghs_{body}"), CredentialKind::Forge),
        (format!("ghp_{body}"), CredentialKind::Forge),
        (format!("gho_{body}"), CredentialKind::Forge),
        (format!("ghu_{body}"), CredentialKind::Forge),
        (format!("ghr_{body}"), CredentialKind::Forge),
        (format!("github_pat_{body}"), CredentialKind::Forge),
        (format!("sk-ant-api03-{body}"), CredentialKind::Model),
        (format!("sk-proj-{body}"), CredentialKind::Model),
        (format!("sk-{body}"), CredentialKind::Model),
        (format!("AIza{}", &body[..35]), CredentialKind::Cloud),
        (format!("AKIA{upper}"), CredentialKind::Cloud),
        (format!("ASIA{upper}"), CredentialKind::Cloud),
        (format!("xoxb-{body}"), CredentialKind::Chat),
        (format!("npm_{body}"), CredentialKind::Registry),
        (
            format!("pypi-AgEIcHlwaS5vcmc{body}"),
            CredentialKind::Registry,
        ),
        (format!("sk_live_{body}"), CredentialKind::Payment),
        (
            format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.{body}"),
            CredentialKind::WebToken,
        ),
    ] {
        for text in [
            secret.clone(),
            format!("key={secret}\n"),
            format!("\"{secret}\","),
        ] {
            let redacted = shapes(&text);
            assert!(!redacted.text.contains(&secret), "{text}");
            assert_eq!(redacted.counts, BTreeMap::from([(kind, 1)]), "{text}");
            assert_eq!(
                redacted.text,
                text.replace(&secret, &format!("[redacted: {}]", kind.words()))
            );
        }
    }
}

#[test]
fn settings_headers_addresses_and_keys_are_replaced() {
    let secret = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00";
    let gone = |text: &str, secret: &str, kind| {
        let redacted = shapes(text);
        assert!(
            !redacted.text.contains(secret),
            "{text} -> {}",
            redacted.text
        );
        assert_eq!(redacted.counts, BTreeMap::from([(kind, 1)]), "{text}");
    };
    for name in [
        "AWS_SECRET_ACCESS_KEY=",
        "aws_secret_access_key = ",
        "\"SecretAccessKey\": \"",
    ] {
        gone(&format!("{name}{secret}"), secret, CredentialKind::Cloud);
    }
    for name in [
        "Authorization: Bearer ",
        "authorization: basic ",
        "x-api-key: ",
        "-H \"Authorization: token ",
    ] {
        gone(
            &format!("{name}{secret}"),
            secret,
            CredentialKind::Authorization,
        );
    }
    gone(
        "https://ada:hunter2@example.com/x",
        "hunter2",
        CredentialKind::AddressPassword,
    );
    gone(
        "postgres://u:p4ss@db:5432/x",
        "p4ss",
        CredentialKind::AddressPassword,
    );
    let line = "MIIEpAIBAAKCAQEA7bq0".repeat(3);
    let pem = format!(
        "-----BEGIN RSA PRIVATE KEY-----\n{line}\n{line}\nAb==\n-----END RSA PRIVATE KEY-----"
    );
    for text in [
        pem.clone(),
        pem.replace('\n', "\\n"),
        pem.replace("-----END RSA PRIVATE KEY-----", ""),
    ] {
        let text = format!("a\n{text}\nb");
        gone(&text, &line, CredentialKind::PrivateKey);
        let shown = shapes(&text).text;
        assert!(
            shown.starts_with("a\n[") && shown.ends_with("\nb"),
            "{shown}"
        );
    }
}

#[test]
fn what_is_no_credential_stays() {
    for text in [
        "ghs_ is how they begin, and sk-ant- too",
        "task-management-for-people-with-many-things-to-do",
        "sk-learn-contrib-with-a-long-name-in-words",
        "https://example.com/a@b http://[::1]:8080 git@github.com:o/r ssh://git@host/x",
        "https://$USER:$PASSWORD@example.com",
        "Authorization: Bearer <token>; the authorization is checked",
        "let authorization = request.headers().get(\"authorization\");",
        "commit 1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b",
        "eyJ is how JSON begins in base64",
        "xoxb-xxxxxxxxxxxxxxxxxxxxxxxx",
        "-----BEGIN CERTIFICATE-----",
    ] {
        assert_eq!(shapes(text).text, text);
    }
}

#[test]
fn a_known_secret_is_found_however_it_is_written() {
    let secret = "lease-token/of+ours_7f3";
    let redactor = Redactor::knowing([secret, "short", ""]);
    let codes: Vec<_> = secret
        .chars()
        .map(|c| format!("\\u{:04x}", u32::from(c)))
        .collect();
    let escaped = codes.concat();
    let mut texts = vec![
        secret.to_owned(),
        HEXLOWER.encode(secret.as_bytes()),
        HEXLOWER.encode(secret.as_bytes()).to_uppercase(),
        "lease-token%2Fof%2Bours_7f3".to_owned(),
        secret.replace('/', "\\/"),
        secret.replace('-', "\\u002d"),
        "lease-tok\nen/of+\n  ours_7f3".to_owned(),
        "lease-tok\\nen/of+ours_7f3".to_owned(),
        escaped,
    ];
    for before in ["", "a", "ab", "abc"] {
        let whole = format!("{before}{secret}behind");
        texts.push(BASE64.encode(whole.as_bytes()));
        texts.push(BASE64URL.encode(whole.as_bytes()));
    }
    for text in texts {
        let redacted = redactor.redact(&format!("x {text} y"));
        assert_eq!(redacted.total(), 1, "{text} -> {}", redacted.text);
        assert!(
            redacted.counts.contains_key(&CredentialKind::Platform),
            "{text}"
        );
        assert!(redacted.text.starts_with("x ") && redacted.text.ends_with(" y"));
    }
    assert_eq!(
        redactor.redact("short and \u{e4}\\").text,
        "short and \u{e4}\\"
    );
    assert_eq!(redactions("a [redacted: a private key] b [redacted: x]"), 2);
}

/// What is repeated to make a search slow; what is searched for twice is seen long before this ends.
#[test]
fn nothing_is_read_over_and_over_again() {
    let redactor = Redactor::knowing(["aaaaaaaaaaaaaaaab", "secret-of-ours"]);
    for piece in [
        "sk-",
        "ghs_",
        "eyJ",
        "eyJ.",
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY-----\n",
        "://",
        "://a:",
        "a",
        "\\u0061",
        "authorization",
        "aws_secret_access_key=",
        "%61",
        "\\n",
        " ",
        "-----BEGIN A PRIVATE KEY-----\\n",
    ] {
        let text = piece.repeat(96 * 1024 / piece.len());
        redactor.redact(&text);
    }
}

proptest! {
    #[test]
    fn any_text_can_be_searched(text in "(?s)([\\\\%u0-9a-fn\"]|ghs_|eyJ|://|@|:|-----BEGIN |PRIVATE KEY-----|\n|.){0,80}") {
        let redactor = Redactor::knowing(["secret-of-ours-1"]);
        let redacted = redactor.redact(&text);
        prop_assert_eq!(redactions(&redacted.text), redacted.total());
    }
}
