//! Claude Code, played by a script that writes what the real one was seen to write.

use std::{ffi::OsStr, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use domain::{Cost, DefinitionName, Deliverable, FailureKind, Outcome};
use switchyard_daemon::{ClaudeCode, ClaudeCodeSettings};
use testkit::{IMPLEMENT, INVESTIGATE};

use crate::support::{MODEL_KEY, Scene, Setup, model};

const INIT: &str = r#"{"type":"system","subtype":"init","session_id":"s","cwd":"/x","tools":["Bash","Edit"],"mcp_servers":[],"model":"m","permissionMode":"bypassPermissions","apiKeySource":"ANTHROPIC_API_KEY"}"#;
const TOOL: &str = r#"{"type":"assistant","message":{"id":"msg_1","role":"assistant","content":[{"type":"tool_use","id":"t1","name":"Edit","input":{"file_path":"greeting.txt","old_string":"goodbye","new_string":"hello"}}],"usage":{"output_tokens":1}},"parent_tool_use_id":null}"#;
const NOISE: &str = r#"{"type":"some_new_event","data":{"x":[1,2]}}"#;
const GOOD: &str = r#"{"type":"result","subtype":"success","is_error":false,"num_turns":3,"result":"The greeting says hello now.","total_cost_usd":0.0237,"usage":{"input_tokens":10,"output_tokens":5},"permission_denials":[],"terminal_reason":"completed"}"#;
const API_ERROR: &str = r#"{"type":"result","subtype":"success","is_error":true,"api_error_status":529,"num_turns":1,"result":"API Error: 529","total_cost_usd":0,"permission_denials":[]}"#;

fn setup(folder: &Path, name: DefinitionName, lines: &[&str], rest: &str) -> Setup {
    let program = folder.join("claude");
    let lines = lines.join("\n") + "\n";
    std::fs::write(folder.join("lines"), lines).unwrap();
    let script = format!(
        "#!/bin/sh\nhere=$(dirname \"$0\")\nprintf '%s\\n' \"$@\" > \"$here/arguments\"\n\
         env > \"$here/environment\"\ncat > \"$here/input\"\ncat \"$here/lines\"\n{rest}\n"
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let settings = ClaudeCodeSettings {
        program: program.into(),
        ..ClaudeCodeSettings::new(OsStr::new("/bin"))
    };
    Setup {
        harness: Some(Arc::new(ClaudeCode::new(settings))),
        model: Some(model("http://127.0.0.1:9")),
        ..Setup::new(name, "")
    }
}

#[tokio::test]
async fn a_session_becomes_a_pull_request() {
    let folder = tempfile::tempdir().unwrap();
    let lines = [INIT, "not json at all", NOISE, TOOL, GOOD];
    let setup = setup(
        folder.path(),
        IMPLEMENT,
        &lines,
        "echo hello > greeting.txt",
    );
    let scene = Scene::start(setup).await;
    let finished = scene.finished().await;
    assert_eq!(finished.spent.cost, Some(Cost(23_700)));
    let Outcome::Succeeded {
        deliverable: Deliverable::PullRequest(_),
    } = finished.outcome
    else {
        panic!("{finished:?}");
    };
    scene.heard("Edit: greeting.txt").await;
    let pull = scene.hub.state.lock().pulls[0].clone();
    assert_eq!(pull["title"], "The greeting says hello now.");
    assert!(pull["body"].as_str().unwrap().contains("`claude-code`"));
}

#[tokio::test]
async fn it_is_started_as_measured_and_sees_no_credential() {
    let folder = tempfile::tempdir().unwrap();
    let setup = setup(
        folder.path(),
        IMPLEMENT,
        &[GOOD],
        "echo hello > greeting.txt",
    );
    let scene = Scene::start(setup).await;
    scene.finished().await;
    let arguments = std::fs::read_to_string(folder.path().join("arguments")).unwrap();
    let input = std::fs::read_to_string(folder.path().join("input")).unwrap();
    // What we say is the program's system text; what people wrote goes where nobody else can read it.
    assert!(arguments.contains("--append-system-prompt\nChange the code"));
    assert!(input.contains("It says goodbye.") && !arguments.contains("It says goodbye."));
    for words in [
        "--output-format\nstream-json\n",
        "--verbose\n",
        "--dangerously-skip-permissions\n",
        "--max-turns\n",
        "--setting-sources\nuser\n",
        "--strict-mcp-config\n",
        "--session-id\n",
    ] {
        assert!(arguments.contains(words), "{words}");
    }
    let environment = std::fs::read_to_string(folder.path().join("environment")).unwrap();
    for line in [
        "DISABLE_TELEMETRY=1",
        "DISABLE_AUTOUPDATER=1",
        "DISABLE_ERROR_REPORTING=1",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1",
    ] {
        assert!(environment.lines().any(|found| found == line), "{line}");
    }
    let root = rustix::process::geteuid().is_root();
    assert_eq!(environment.contains("IS_SANDBOX=1"), root);
    let home = environment
        .lines()
        .find_map(|line| line.strip_prefix("HOME="))
        .unwrap();
    assert!(home.starts_with(scene.work_dir.to_str().unwrap()));
    assert!(!environment.contains("-token") && !environment.contains("AWS_"));
    assert!(environment.contains("ANTHROPIC_BASE_URL=http://127.0.0.1:"));
    assert!(environment.contains("ANTHROPIC_API_KEY=switchyard-job-"));
    assert!(!environment.contains(MODEL_KEY) && !arguments.contains(MODEL_KEY));
}

#[tokio::test]
async fn a_session_that_failed_has_failed_whatever_it_calls_itself() {
    let folder = tempfile::tempdir().unwrap();
    for (lines, rest, kind) in [
        (&[INIT, API_ERROR][..], 0, FailureKind::ModelUnavailable),
        (&[INIT, TOOL][..], 143, FailureKind::AgentFailed),
        (&[INIT, TOOL][..], 0, FailureKind::AgentFailed),
        (&[INIT, GOOD][..], 1, FailureKind::AgentFailed),
    ]
    .map(|(lines, code, kind)| {
        (
            lines,
            format!("echo hello > greeting.txt; exit {code}"),
            kind,
        )
    }) {
        let scene = Scene::start(setup(folder.path(), IMPLEMENT, lines, &rest)).await;
        assert_eq!(scene.failure().await, kind, "{rest}");
        assert!(scene.hub.state.lock().pulls.is_empty(), "{rest}");
    }
}

#[tokio::test]
async fn its_last_words_are_the_findings_and_it_gets_no_writing_tools() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::start(setup(folder.path(), INVESTIGATE, &[INIT, GOOD], "")).await;
    let finished = scene.finished().await;
    assert_eq!(
        finished.findings.as_deref(),
        Some("The greeting says hello now.")
    );
    let arguments = std::fs::read_to_string(folder.path().join("arguments")).unwrap();
    assert!(arguments.contains("--disallowedTools\nEdit,Write,NotebookEdit\n"));
}

#[tokio::test]
async fn without_a_key_nothing_is_cloned() {
    let settings = ClaudeCodeSettings {
        program: "sh".into(),
        ..ClaudeCodeSettings::new(OsStr::new("/bin"))
    };
    let setup = Setup {
        harness: Some(Arc::new(ClaudeCode::new(settings))),
        ..Setup::new(IMPLEMENT, "")
    };
    let scene = Scene::start(setup).await;
    assert_eq!(scene.failure().await, FailureKind::AgentUnconfigured);
    assert!(scene.hub.state.lock().requests.is_empty());
}

#[tokio::test]
async fn tools_that_were_denied_to_an_agent_without_a_change_are_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let denied = GOOD.replace(
        r#""permission_denials":[]"#,
        r#""permission_denials":[{"tool_name":"Bash","tool_use_id":"t1","tool_input":{}}]"#,
    );
    let setup = setup(folder.path(), IMPLEMENT, &[INIT, &denied], "");
    let outcome = Scene::start(setup).await.finished().await.outcome;
    let Outcome::Failed { failure } = outcome else {
        panic!("{outcome:?} is no failure");
    };
    assert_eq!(failure.kind(), FailureKind::ToolsDenied);
    assert_eq!(failure.names(), ["Bash"]);
}
