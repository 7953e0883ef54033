use domain::SeededRandom;

use super::*;
use crate::ClaudeCodeSettings;

const GOOD: [(&str, &str); 7] = [
    ("JOBS_QUEUE_URL", "http://127.0.0.1:4566/000000000000/jobs"),
    ("SWITCHYARD_WORKER_URL", "http://127.0.0.1:8787"),
    ("SWITCHYARD_DAEMON_KEY", "0123456789abcdef0123456789abcdef"),
    ("GITHUB_API_URL", "https://api.github.com"),
    ("GITHUB_GIT_URL", "https://github.com"),
    ("SWITCHYARD_HARNESS", "command"),
    ("SWITCHYARD_COMMAND", "python3 agent.py"),
];

fn all(changes: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let all = GOOD.iter().chain(changes);
    let variables = all
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Settings::read(&variables, &SeededRandom::new(1))
}

fn read(changes: &[(&str, &str)]) -> Result<Settings, Vec<&'static str>> {
    all(changes).map_err(|error| error.0.iter().map(|wrong| wrong.name).collect())
}

#[test]
fn what_is_left_out_has_a_default() {
    let settings = read(&[("SWITCHYARD_CHECK_COMMAND", "")]).unwrap();
    assert_eq!(settings.agent, Duration::from_mins(30));
    assert!(settings.check.is_none() && settings.idle.is_none());
    assert!(settings.id.as_str().starts_with("daemon-"));
    assert!(
        matches!(settings.harness, HarnessSettings::Command(words) if words == ["python3", "agent.py"])
    );
}

#[test]
fn claude_code_is_the_default_and_its_key_is_not_needed_to_start() {
    let settings = read(&[("SWITCHYARD_HARNESS", "")]).unwrap();
    let usual = ClaudeCodeSettings::new("/bin".as_ref()).turns;
    assert!(matches!(settings.harness, HarnessSettings::ClaudeCode { turns } if turns == usual));
    assert!(settings.model.is_none());
    assert_eq!(settings.idle, Some(Duration::from_mins(5)));
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

/// A setting, a value that it cannot have, and how what is told of it begins.
const TOLD: [(&str, &str, &str); 15] = [
    (
        "SWITCHYARD_WORKER_URL",
        "ftp://x",
        "it is not an http or https address. Set it to the address of the worker function.",
    ),
    (
        "SWITCHYARD_DAEMON_KEY",
        " ",
        "it is missing. Set it to a random text of 32 characters or more",
    ),
    (
        "SWITCHYARD_HARNESS",
        "magic",
        "it is not claude-code or command. Set it to claude-code or command.",
    ),
    (
        "SWITCHYARD_COMMAND",
        "",
        "it is missing. Set it to the program and its arguments",
    ),
    (
        "SWITCHYARD_CHECK_COMMAND",
        "'open",
        "a quotation mark or backslash is left open. Set it to the program",
    ),
    (
        "SWITCHYARD_AGENT_SECONDS",
        "86401",
        "it is not a number of seconds from 1 to 86400. Correct it, or leave it out.",
    ),
    (
        "SWITCHYARD_CLONE_DEPTH",
        "-1",
        "it is not a number of commits. Set it to a number, 0 for the whole history",
    ),
    (
        "SWITCHYARD_SIMULATED",
        "maybe",
        "it is not yes or no. Set it to yes where GitHub is simulated",
    ),
    (
        "SWITCHYARD_SANDBOX",
        "strong",
        "it is not auto, namespaces, uid or none. Set it to auto",
    ),
    (
        "SWITCHYARD_SANDBOX_READABLE",
        "/one:two",
        "it is not a list of absolute paths, separated by colons. Write absolute paths",
    ),
    (
        "SWITCHYARD_AGENT_HOSTS",
        "a b",
        "it is not public, none, or names of hosts, separated by commas. Set it to public",
    ),
    (
        "SWITCHYARD_JOB_USERS",
        "1000-1062",
        "it is not a range of 64 users or more, from 1000 on. Set it to numbers",
    ),
    (
        "SWITCHYARD_JOB_DISK_MIB",
        "0",
        "it is not a number of MiB from 1 on. Correct it, or leave it out.",
    ),
    (
        "OTEL_EXPORTER_OTLP_HEADERS",
        "bare",
        "it is not headers as name=value, separated by commas. Write them",
    ),
    (
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "collector",
        "it is not an http or https address. Set it to an address such as http://localhost:4318",
    ),
];

#[test]
fn what_is_wrong_is_told_with_what_to_do() {
    for (name, value, said) in TOLD {
        let error = all(&[(name, value)]).unwrap_err().to_string();
        let line = format!("\n  {name}: {said}");
        assert!(error.contains(&line) && error.starts_with("1 "), "{error}");
    }
}

#[test]
fn secrets_do_not_show() {
    let settings = read(&[("SWITCHYARD_HARNESS", ""), ("ANTHROPIC_API_KEY", "key-123")]).unwrap();
    assert!(!format!("{settings:?}").contains("key-123"));
    let error = read(&[("GITHUB_API_URL", "https://u:hunter2@x")]).unwrap_err();
    assert!(!format!("{error:?}").contains("hunter2"));
}
