//! Accounts with providers, and what contradicts them.

use std::collections::HashMap;

use domain::SeededRandom;

use super::*;
use crate::settings::Settings;

const REST: [(&str, &str); 5] = [
    ("JOBS_QUEUE_URL", "http://127.0.0.1:4566/000000000000/jobs"),
    ("SWITCHYARD_WORKER_URL", "http://127.0.0.1:8787"),
    ("SWITCHYARD_DAEMON_KEY", "0123456789abcdef0123456789abcdef"),
    ("GITHUB_API_URL", "https://api.github.com"),
    ("GITHUB_GIT_URL", "https://github.com"),
];
const COMMAND: [(&str, &str); 2] = [
    ("SWITCHYARD_HARNESS", "command"),
    ("SWITCHYARD_COMMAND", "agent"),
];

/// The model's settings in `given`, or the names of all settings that are wrong.
fn read(given: &[(&str, &str)]) -> Result<Option<ModelSettings>, Vec<&'static str>> {
    let all = REST.iter().chain(given);
    let variables: HashMap<String, String> = all
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Settings::read(&variables, &SeededRandom::new(1))
        .map(|settings| settings.model)
        .map_err(|error| error.0.iter().map(|wrong| wrong.name).collect())
}

fn found(given: &[(&str, &str)]) -> ModelSettings {
    read(given).unwrap().unwrap()
}

#[test]
fn each_account_leads_to_its_provider() {
    for (given, wire, base) in [
        (
            &[("ANTHROPIC_API_KEY", "k")][..],
            Wire::Anthropic,
            "https://api.anthropic.com/",
        ),
        (
            &[("CLAUDE_CODE_OAUTH_TOKEN", "t")],
            Wire::Anthropic,
            "https://api.anthropic.com/",
        ),
        (
            &[
                ("ANTHROPIC_AUTH_TOKEN", "t"),
                ("ANTHROPIC_BASE_URL", "https://llm.internal/proxy"),
            ],
            Wire::Anthropic,
            "https://llm.internal/proxy",
        ),
        (
            &[
                ("CLAUDE_CODE_USE_BEDROCK", "1"),
                ("AWS_BEARER_TOKEN_BEDROCK", "t"),
                ("AWS_REGION", "eu-west-1"),
            ],
            Wire::Bedrock,
            "https://bedrock-runtime.eu-west-1.amazonaws.com/",
        ),
        (
            &[
                ("CLAUDE_CODE_USE_BEDROCK", "1"),
                ("AWS_BEARER_TOKEN_BEDROCK", "t"),
                ("ANTHROPIC_BEDROCK_BASE_URL", "https://vpce.example"),
            ],
            Wire::Bedrock,
            "https://vpce.example/",
        ),
    ] {
        let settings = found(given);
        assert_eq!(
            (settings.provider.wire, settings.provider.base.as_str()),
            (wire, base)
        );
    }
    let open_ai = [&COMMAND[..], &[("OPENAI_API_KEY", "k")]].concat();
    assert_eq!(
        found(&open_ai).provider.base.as_str(),
        "https://api.openai.com/v1"
    );
    assert!(read(&COMMAND).unwrap().is_none());
}

#[test]
fn the_way_and_the_model_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, "-----BEGIN CERTIFICATE-----\n").unwrap();
    let settings = found(&[
        ("ANTHROPIC_API_KEY", " k\n"),
        ("ANTHROPIC_MODEL", "claude-opus-5-5"),
        ("HTTPS_PROXY", "http://proxy.internal:3128"),
        ("SWITCHYARD_MODEL_CA_FILE", file.to_str().unwrap()),
        ("SWITCHYARD_AGENT_TURNS", "50"),
    ]);
    assert_eq!(settings.provider.model.as_deref(), Some("claude-opus-5-5"));
    assert!(settings.proxy.is_some() && settings.authorities.is_some());
}

#[test]
fn a_model_looks_over_texts_if_that_is_wanted() {
    let scan = |wanted: &str, account: &[(&str, &str)]| {
        found(&[account, &[("SWITCHYARD_MODEL_SCAN", wanted)]].concat()).scan
    };
    let anthropic = [("ANTHROPIC_API_KEY", "k")];
    let open_ai = [&COMMAND[..], &[("OPENAI_API_KEY", "k")]].concat();
    let bedrock = [
        ("CLAUDE_CODE_USE_BEDROCK", "1"),
        ("AWS_BEARER_TOKEN_BEDROCK", "t"),
        ("AWS_REGION", "eu-west-1"),
    ];
    for off in ["", "off", " off "] {
        assert_eq!(scan(off, &anthropic), None);
    }
    assert_eq!(scan("on", &anthropic).as_deref(), Some(SMALL_ANTHROPIC));
    assert_eq!(scan("on", &open_ai).as_deref(), Some(SMALL_OPEN_AI));
    for account in [&anthropic[..], &open_ai, &bedrock] {
        assert_eq!(scan("small-one", account).as_deref(), Some("small-one"));
    }
    let refused = |wanted, account: &[(&str, &str)]| {
        read(&[account, &[("SWITCHYARD_MODEL_SCAN", wanted)]].concat()).unwrap_err()
    };
    for (wanted, account) in [
        ("on", &COMMAND[..]),
        ("small-one", &[]),
        ("on", &bedrock),
        ("on", &[("CLAUDE_CODE_OAUTH_TOKEN", "t")]),
        ("a small one", &anthropic),
        ("yes", &anthropic),
        ("1", &anthropic),
    ] {
        assert_eq!(
            refused(wanted, account),
            ["SWITCHYARD_MODEL_SCAN"],
            "{wanted}"
        );
    }
    assert_eq!(
        read(&[("SWITCHYARD_MODEL_SCAN", "off")])
            .unwrap()
            .map(|_| ()),
        None
    );
}

#[test]
fn what_contradicts_itself_or_cannot_be_is_refused_by_name() {
    let bedrock = ("CLAUDE_CODE_USE_BEDROCK", "1");
    let key = ("ANTHROPIC_API_KEY", "k");
    for (given, wrong) in [
        (
            &[key, ("ANTHROPIC_AUTH_TOKEN", "t")][..],
            "ANTHROPIC_AUTH_TOKEN",
        ),
        (&[key, ("OPENAI_API_KEY", "k")], "OPENAI_API_KEY"),
        (&[("OPENAI_API_KEY", "k")], "OPENAI_API_KEY"),
        (&[key, ("OPENAI_BASE_URL", "https://x")], "OPENAI_BASE_URL"),
        (&[("ANTHROPIC_BASE_URL", "https://x")], "ANTHROPIC_BASE_URL"),
        (
            &[key, ("ANTHROPIC_BASE_URL", "gateway")],
            "ANTHROPIC_BASE_URL",
        ),
        (
            &[key, ("ANTHROPIC_BASE_URL", "https://u:p@x")],
            "ANTHROPIC_BASE_URL",
        ),
        (
            &[
                ("CLAUDE_CODE_OAUTH_TOKEN", "t"),
                ("ANTHROPIC_BASE_URL", "https://x"),
            ],
            "ANTHROPIC_BASE_URL",
        ),
        (&[bedrock], "AWS_BEARER_TOKEN_BEDROCK"),
        (
            &[("AWS_BEARER_TOKEN_BEDROCK", "t")],
            "AWS_BEARER_TOKEN_BEDROCK",
        ),
        (&[bedrock, ("AWS_BEARER_TOKEN_BEDROCK", "t")], "AWS_REGION"),
        (
            &[
                bedrock,
                ("AWS_BEARER_TOKEN_BEDROCK", "t"),
                ("AWS_REGION", "x/y"),
            ],
            "AWS_REGION",
        ),
        (
            &[key, ("CLAUDE_CODE_USE_VERTEX", "1")],
            "CLAUDE_CODE_USE_VERTEX",
        ),
        (
            &[key, ("CLAUDE_CODE_USE_FOUNDRY", "true")],
            "CLAUDE_CODE_USE_FOUNDRY",
        ),
        (&[("ANTHROPIC_API_KEY", "two\nlines")], "ANTHROPIC_API_KEY"),
        (&[key, ("ANTHROPIC_MODEL", "the best")], "ANTHROPIC_MODEL"),
        (&[key, ("HTTPS_PROXY", "proxy:3128")], "HTTPS_PROXY"),
        (
            &[key, ("SWITCHYARD_MODEL_CA_FILE", "/no/such.pem")],
            "SWITCHYARD_MODEL_CA_FILE",
        ),
        (
            &[key, ("SWITCHYARD_MODEL_CA_FILE", "/etc/hostname")],
            "SWITCHYARD_MODEL_CA_FILE",
        ),
        (
            &[key, ("SWITCHYARD_AGENT_TURNS", "0")],
            "SWITCHYARD_AGENT_TURNS",
        ),
    ] {
        assert_eq!(read(given).unwrap_err(), [wrong], "{given:?}");
    }
}

#[test]
fn no_secret_shows() {
    let settings = found(&[("ANTHROPIC_API_KEY", "sk-hidden")]);
    assert!(!format!("{settings:?}").contains("sk-hidden"));
}
