//! The program as Lambda starts it.

use std::process::Command;

use serde_json::Value;

#[test]
fn a_program_that_cannot_start_says_why_at_the_level_of_errors() {
    let output = Command::new(env!("CARGO_BIN_EXE_worker"))
        .env_clear()
        .output()
        .unwrap();
    assert!(!output.status.success());
    let log = String::from_utf8(output.stdout).unwrap();
    let lines = log.lines().map(serde_json::from_str::<Value>);
    let lines: Vec<Value> = lines.collect::<Result<_, _>>().unwrap();
    let errors: Vec<&Value> = lines
        .iter()
        .filter(|line| line["level"] == "ERROR")
        .collect();
    let [error] = errors[..] else {
        panic!("{log}");
    };
    assert_eq!(error["message"], "the function cannot start", "{log}");
    let reason = error["error"].as_str().unwrap();
    for setting in ["SWITCHYARD_TOKEN_KEY", "SWITCHYARD_DAEMON_KEY"] {
        assert!(reason.contains(setting), "{reason}");
    }
}
