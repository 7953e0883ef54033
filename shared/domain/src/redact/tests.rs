use data_encoding::{BASE64, BASE64URL, HEXLOWER};
use proptest::prelude::*;

use super::*;
use crate::clip;

fn shapes(text: &str) -> Redacted {
    Redactor::default().redact(text)
}

/// `count` signs of `alphabet` as they are drawn for a credential; `seed` tells one from another.
fn drawn(alphabet: &str, count: usize, seed: u64) -> String {
    let alphabet = alphabet.as_bytes();
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let at = usize::try_from(state >> 33).unwrap() % alphabet.len();
        char::from(alphabet[at])
    };
    (0..count).map(|_| next()).collect()
}

const HEX: &str = "0123456789abcdef";
const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const URL: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const STANDARD: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Credentials as those who give them out describe them.
fn credentials(seed: u64) -> Vec<(String, CredentialKind)> {
    let of = |alphabet, count| drawn(alphabet, count, seed);
    let digits = of("0123456789", 12);
    let letters = |count| of(LETTERS, count);
    vec![
        (format!("ghs_{}", letters(36)), CredentialKind::Forge),
        (format!("ghp_{}", letters(36)), CredentialKind::Forge),
        (format!("gho_{}", letters(36)), CredentialKind::Forge),
        (format!("ghu_{}", letters(36)), CredentialKind::Forge),
        (format!("ghr_{}", letters(76)), CredentialKind::Forge),
        (
            format!("github_pat_{}_{}", letters(22), letters(59)),
            CredentialKind::Forge,
        ),
        (format!("glpat-{}", of(URL, 20)), CredentialKind::Forge),
        (format!("ATBB{}", letters(32)), CredentialKind::Forge),
        (
            format!("sk-ant-api03-{}AA", of(URL, 93)),
            CredentialKind::Model,
        ),
        (
            format!("sk-ant-oat01-{}AA", of(URL, 93)),
            CredentialKind::Model,
        ),
        (format!("sk-proj-{}", of(URL, 156)), CredentialKind::Model),
        (
            format!("sk-{}T3BlbkFJ{}", letters(20), letters(20)),
            CredentialKind::Model,
        ),
        (format!("sk-or-v1-{}", of(HEX, 64)), CredentialKind::Model),
        (format!("hf_{}", letters(34)), CredentialKind::Model),
        (format!("gsk_{}", letters(52)), CredentialKind::Model),
        (format!("AIza{}", of(URL, 35)), CredentialKind::Cloud),
        (format!("GOCSPX-{}", of(URL, 28)), CredentialKind::Cloud),
        (format!("AKIA{}", of(BASE32, 16)), CredentialKind::Cloud),
        (format!("ASIA7{}", of(BASE32, 15)), CredentialKind::Cloud),
        (format!("ABSK{}", of(STANDARD, 128)), CredentialKind::Cloud),
        (format!("dop_v1_{}", of(HEX, 64)), CredentialKind::Cloud),
        (
            format!("xoxb-{digits}-{digits}-{}", letters(24)),
            CredentialKind::Chat,
        ),
        (
            format!("xapp-1-A{}-{digits}-{}", of(BASE32, 10), of(HEX, 64)),
            CredentialKind::Chat,
        ),
        (format!("npm_{}", letters(36)), CredentialKind::Registry),
        (
            format!("pypi-AgEIcHlwaS5vcmc{}", of(URL, 120)),
            CredentialKind::Registry,
        ),
        (
            format!("rubygems_{}", of(HEX, 48)),
            CredentialKind::Registry,
        ),
        (
            format!("dckr_pat_{}", of(URL, 27)),
            CredentialKind::Registry,
        ),
        (format!("cio{}", letters(32)), CredentialKind::Registry),
        (format!("sk_live_{}", letters(24)), CredentialKind::Payment),
        (
            format!("whsec_{}", of(STANDARD, 32)),
            CredentialKind::Payment,
        ),
        (format!("shpat_{}", of(HEX, 32)), CredentialKind::Service),
        (
            format!("SG.{}.{}", of(URL, 22), of(URL, 43)),
            CredentialKind::Service,
        ),
        (
            format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.{}", of(URL, 43)),
            CredentialKind::WebToken,
        ),
    ]
}

#[test]
fn every_shape_is_replaced_by_what_it_was() {
    for (secret, kind) in (1..40).flat_map(credentials) {
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
fn names_and_numbers_in_code_that_look_alike_stay() {
    let picture = drawn(STANDARD, 60_000, 7);
    let sums = drawn(HEX, 64, 3);
    for text in [
        "ASIA_PACIFIC_SOUTHEAST_1 = \"ap-southeast-1\"",
        "static final Region ASIAPACIFICSOUTHEAST = ASIA_PACIFIC_NORTHEAST_3;",
        "AKIA_TEST_ACCOUNT_KEY_ID_1 ABIA_1234567890ABCDEF ACCA-1234567890ABCDEF",
        "AKIAABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        "from hf_quantizer_for_bitsandbytes_4bit import hf_hub_download_with_retries_v2_and_cache",
        "hf_transformers_Model4bit_Quantizer_NF4_config",
        ".sk-button-group-2--is-active-on-hover-v2 .sk-card__Title-large-16px {}",
        "<div class=\"sk-container-id-1 sk-estimator-doc-link-fitted-2\">",
        "<i class=\"sk-ant-design-Button-primary-large-v2-active-64px\">",
        "sk-proj-Template-2024-03-with-React-18-and-TypeScript-5",
        "npm_config_registry_for_the_whole_workspace_2 npm_package_dependencies_react_dom_18",
        "cioDispatcherConfigurationWorkerThreads2 ciocxx11_iostream_of_the_standard_library",
        "ghs_Installation_token_for_repository_2_of_the_organisation",
        "github_pat_for_the_Release_workflow_2024_in_production",
        "dop_v1_deployment_of_production_2024_europe_west_1_cluster_a",
        "sk_test_fixture_for_customer_42 sk_live_Preview_of_theme_2 whsec_Handler_for_stripe_v3_events_2024",
        "xoxb-Token-of-the-bot-2024-v2 xapp-Symbolic-icons-theme-2-for-xfce-4",
        "bedrock-api-key-rotation-Lambda-function-v2-eu-west-1",
        "rubygems_mirror_of_the_company_2024 dckr_pat_rotation_2024_eu_west_1_a",
        "pypi-AgEnt-tools-2-for-python-3-12",
        "secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,",
        "aws_secret_access_key=settings.AWS_SECRET_ACCESS_KEY_FOR_UPLOADS_2",
        "aws_secret_access_key: /run/secrets/storage/of/the/uploads/service",
        "headers[\"x-api-key\"] = process.env.MODEL_API_KEY_V2",
        "Authorization: settings.API_TOKEN_V2",
        "import AuthorizationManagerBeforeMethodInterceptor2;",
        "class AuthorizationServerConfiguration extends AuthorizationCodeGrantRequest {}",
        "bedrock api-key-Rotation-Lambda2",
        "id: 3F2504E0-4F89-41D3-9A0C-0305E82C3301 asia-550e8400-e29b-41d4-a716-446655440000",
        "integrity sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
        &format!("checksum = \"{sums}\" commit {}", &sums[..40]),
        &format!("<img src=\"data:image/png;base64,{picture}\">"),
    ] {
        let redacted = shapes(text);
        assert!(redacted.total() == 0, "{}", clip(&redacted.text, 300));
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
        "sk-ant-",
        "AKIA",
        "SG.",
        "ABSK",
        "ghs_",
        "authorization=",
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
