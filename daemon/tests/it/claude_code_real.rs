//! The real Claude Code against a provider that answers by script.
//!
//! `make test` installs it into the checkout. Where that is not possible nothing is tested here, and each test says so.

use std::{
    ffi::OsString,
    io::Write as _,
    num::NonZeroU32,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use domain::{
    Clock as _, DefinitionName, Deliverable, Failure, FailureKind, GiveBack, Outcome, SystemClock,
};
use jiff::SignedDuration;
use serde_json::json;
use switchyard_daemon::{AgentLimits, ClaudeCode, ClaudeCodeSettings};
use testkit::{IMPLEMENT, INVESTIGATE};

use crate::support::{MODEL_KEY, Reply, Scene, Setup, Upstream, wait};

/// Where `make test` installs it.
const PROGRAM: &str = "../.node/node_modules/.bin/claude";
/// A name that belongs to nobody outside.
const INTERNAL: &str = "llm-7.internal:8443";

/// The program, if it is installed.
fn program() -> Option<PathBuf> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join(PROGRAM);
    if program.exists() {
        return program.canonicalize().ok();
    }
    // Past the test runner, which would keep it to itself.
    let said = "Claude Code is not installed (see `make test`), so a test with it is left out.\n";
    std::io::stderr().write_all(said.as_bytes()).unwrap();
    None
}

/// Claude Code on an issue with a provider that gives `replies`, and few tries of its own.
async fn setup(name: DefinitionName, replies: Vec<Reply>) -> Option<(Setup, Upstream)> {
    let program = program()?;
    let upstream = Upstream::start(replies).await;
    let few = |name: &str, value: &str| (OsString::from(name), OsString::from(value));
    let settings = ClaudeCodeSettings {
        program: program.into(),
        turns: NonZeroU32::new(3).unwrap(),
        variables: vec![few("CLAUDE_CODE_MAX_RETRIES", "2")],
        ..ClaudeCodeSettings::new("/usr/local/bin:/usr/bin:/bin".as_ref())
    };
    let setup = Setup {
        harness: Some(Arc::new(ClaudeCode::new(settings))),
        model: Some(upstream.model()),
        ..Setup::new(name, "")
    };
    Some((setup, upstream))
}

/// How a job fails whose provider gives `replies`, after how many calls.
async fn failure(replies: Vec<Reply>) -> Option<(Failure, usize, Scene)> {
    let (setup, upstream) = setup(IMPLEMENT, replies).await?;
    let scene = Scene::start(setup).await;
    let outcome = scene.finished().await.outcome;
    let Outcome::Failed { failure } = outcome else {
        panic!("{outcome:?} is no failure");
    };
    Some((failure, upstream.calls(), scene))
}

fn refused(status: u16, kind: &'static str, message: &'static str) -> Vec<Reply> {
    vec![Reply::Fails(status, kind, message, Vec::new())]
}

fn bash(command: &str) -> Reply {
    Reply::Calls(
        "Bash",
        json!({"command": command, "description": "Writes the greeting"}),
    )
}

#[tokio::test]
async fn an_edit_becomes_a_pull_request_and_the_program_never_has_the_key() {
    let replies = vec![
        bash("env > greeting.txt; echo hello >> greeting.txt"),
        Reply::Says("The greeting says hello now."),
    ];
    let Some((setup, upstream)) = setup(IMPLEMENT, replies).await else {
        return;
    };
    let scene = Scene::start(setup).await;
    let finished = scene.finished().await;
    let Outcome::Succeeded {
        deliverable: Deliverable::PullRequest(_),
    } = finished.outcome
    else {
        panic!("{finished:?}");
    };
    scene.heard("Bash: Writes the greeting").await;
    let written = scene.hub.file(crate::support::BRANCH, "greeting.txt");
    assert!(written.contains("hello") && written.contains("ANTHROPIC_BASE_URL=http://127.0.0.1:"));
    assert!(!written.contains(MODEL_KEY));
    let usage = finished.spent.usage.unwrap();
    assert_eq!(
        (
            usage.calls,
            usage.input_tokens,
            usage.cache_write_tokens,
            usage.cache_read_tokens,
            usage.output_tokens
        ),
        (2, 20, 40, 600, 80)
    );
    let (headers, body) = upstream.call(0);
    assert_eq!(headers["x-api-key"], MODEL_KEY);
    assert!(body["messages"].to_string().contains("It says goodbye."));
    assert!(!body["system"].to_string().contains("It says goodbye."));
}

#[tokio::test]
async fn its_last_words_are_the_findings() {
    let replies = vec![Reply::Says("It is in greeting.txt.")];
    let Some((setup, _upstream)) = setup(INVESTIGATE, replies).await else {
        return;
    };
    let finished = Scene::start(setup).await.finished().await;
    assert_eq!(finished.findings.as_deref(), Some("It is in greeting.txt."));
}

#[tokio::test]
async fn each_refusal_of_the_provider_is_told_apart() {
    let credit = "Your credit balance is too low to access the Anthropic API.";
    for (replies, kind) in [
        (
            refused(400, "invalid_request_error", credit),
            FailureKind::ModelCreditExhausted,
        ),
        (
            refused(404, "not_found_error", "model: claude-nine"),
            FailureKind::ModelUnknown,
        ),
        (
            refused(529, "overloaded_error", INTERNAL),
            FailureKind::ModelUnavailable,
        ),
        (
            refused(500, "api_error", INTERNAL),
            FailureKind::ModelUnavailable,
        ),
    ] {
        let Some((failure, _, scene)) = failure(replies).await else {
            return;
        };
        assert_eq!(failure.kind(), kind);
        let events = scene.platform.look(|state| format!("{:?}", state.events));
        assert!(
            !events.contains(INTERNAL) && !events.contains("API Error"),
            "{events}"
        );
    }
}

#[tokio::test]
async fn a_refused_key_ends_it_after_the_first_call() {
    let Some((failure, calls, _scene)) =
        failure(refused(401, "authentication_error", "invalid x-api-key")).await
    else {
        return;
    };
    assert_eq!((failure.kind(), calls), (FailureKind::ModelKeyRejected, 1));
}

#[tokio::test]
async fn what_a_refusing_model_says_is_kept() {
    let Some((failure, ..)) = failure(vec![Reply::Declines("I cannot help with that.")]).await
    else {
        return;
    };
    assert_eq!(failure.kind(), FailureKind::AgentDeclined);
    assert_eq!(failure.names(), ["I cannot help with that."]);
}

#[tokio::test]
async fn turns_that_are_used_up_are_told() {
    let Some((failure, calls, _scene)) = failure(vec![bash("echo hello >> greeting.txt")]).await
    else {
        return;
    };
    assert_eq!((failure.kind(), calls), (FailureKind::AgentTurnsUsed, 3));
    assert!(failure.branch().is_some(), "what was done is kept");
}

#[tokio::test]
async fn a_model_that_hangs_is_noticed() {
    let Some((mut setup, _upstream)) = setup(IMPLEMENT, vec![Reply::Hangs]).await else {
        return;
    };
    setup.limits = AgentLimits {
        model_idle: Duration::from_millis(500),
        ..setup.limits
    };
    let scene = Scene::start(setup).await;
    assert_eq!(scene.failure().await, FailureKind::AgentIdle);
}

/// A limit that is lifted in two hours.
fn limited() -> Reply {
    let headers = vec![("retry-after", "7200".to_owned())];
    Reply::Fails(429, "rate_limit_error", "", headers)
}

#[tokio::test]
async fn a_limit_that_is_lifted_in_time_puts_the_work_off_until_then() {
    let Some((setup, upstream)) = setup(IMPLEMENT, vec![limited()]).await else {
        return;
    };
    let scene = Scene::start(setup).await;
    let released = scene
        .platform
        .until(|state| state.released.is_some() && state.deleted > 0);
    wait(released).await;
    let released = scene.platform.look(|state| state.released.unwrap());
    assert_eq!(released.why, GiveBack::ModelLimited);
    let wait = released
        .not_before
        .unwrap()
        .duration_since(scene.clock.now());
    assert!(wait > SignedDuration::from_hours(1) && wait <= SignedDuration::from_hours(2));
    assert_eq!(upstream.calls(), 1);
    assert!(scene.platform.look(|state| state.finished.is_none()));
}

#[tokio::test]
async fn a_limit_that_outlasts_the_work_fails_and_says_until_when() {
    let Some((mut setup, upstream)) = setup(IMPLEMENT, vec![limited()]).await else {
        return;
    };
    setup.deadline = SystemClock.now() + SignedDuration::from_hours(1);
    let outcome = Scene::start(setup).await.finished().await.outcome;
    let Outcome::Failed { failure } = outcome else {
        panic!("{outcome:?} is no failure");
    };
    let calls = upstream.calls();
    assert_eq!((failure.kind(), calls), (FailureKind::ModelLimited, 1));
    assert!(failure.retries_at().is_some());
}
