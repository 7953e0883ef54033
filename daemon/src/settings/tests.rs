use domain::SeededRandom;

use super::*;

const GOOD: [(&str, &str); 7] = [
    ("JOBS_QUEUE_URL", "http://127.0.0.1:4566/000000000000/jobs"),
    ("SWITCHYARD_WORKER_URL", "http://127.0.0.1:8787"),
    ("SWITCHYARD_DAEMON_KEY", "key"),
    ("GITHUB_API_URL", "https://api.github.com"),
    ("GITHUB_GIT_URL", "https://github.com"),
    ("SWITCHYARD_HARNESS", "command"),
    ("SWITCHYARD_COMMAND", "python3 agent.py"),
];

fn read(changes: &[(&str, &str)]) -> Result<Settings, Vec<&'static str>> {
    let all = GOOD.iter().chain(changes);
    let variables = all
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Settings::read(&variables, &SeededRandom::new(1))
        .map_err(|error| error.0.iter().map(|wrong| wrong.name).collect())
}

#[test]
fn what_is_left_out_has_a_default() {
    let settings = read(&[("SWITCHYARD_CHECK_COMMAND", "")]).unwrap();
    assert_eq!(settings.agent, Duration::from_secs(AGENT_SECONDS));
    assert!(settings.check.is_none() && settings.idle.is_none());
    assert!(settings.id.as_str().starts_with("daemon-"));
    assert!(
        matches!(settings.harness, HarnessSettings::Command(words) if words == ["python3", "agent.py"])
    );
}

#[test]
fn claude_code_is_the_default_and_its_key_is_not_needed_to_start() {
    let settings = read(&[("SWITCHYARD_HARNESS", "")]).unwrap();
    assert!(matches!(
        settings.harness,
        HarnessSettings::ClaudeCode { turns: None }
    ));
    assert!(settings.model.is_none());
    assert_eq!(settings.idle, Some(IDLE));
}

#[test]
fn everything_wrong_is_said_at_once() {
    let wrong = read(&[
        ("JOBS_QUEUE_URL", " "),
        ("SWITCHYARD_WORKER_URL", "ftp://x"),
        ("GITHUB_GIT_URL", "https://user:secret@github.com"),
        ("SWITCHYARD_HARNESS", "magic"),
        ("SWITCHYARD_CHECK_COMMAND", "'open"),
        ("SWITCHYARD_AGENT_SECONDS", "0"),
        ("SWITCHYARD_DAEMON_ID", "a b"),
        ("RUST_LOG", "loud"),
    ]);
    let names = [
        "JOBS_QUEUE_URL",
        "SWITCHYARD_WORKER_URL",
        "GITHUB_GIT_URL",
        "SWITCHYARD_HARNESS",
        "SWITCHYARD_CHECK_COMMAND",
        "SWITCHYARD_AGENT_SECONDS",
        "SWITCHYARD_DAEMON_ID",
        "RUST_LOG",
    ];
    assert_eq!(wrong.unwrap_err(), names);
    assert_eq!(
        read(&[("SWITCHYARD_COMMAND", "")]).unwrap_err(),
        ["SWITCHYARD_COMMAND"]
    );
}

#[test]
fn secrets_do_not_show() {
    let settings = read(&[("SWITCHYARD_HARNESS", ""), ("ANTHROPIC_API_KEY", "key-123")]).unwrap();
    assert!(!format!("{settings:?}").contains("key-123"));
    let error = read(&[("GITHUB_API_URL", "https://u:hunter2@x")]).unwrap_err();
    assert!(!format!("{error:?}").contains("hunter2"));
}
