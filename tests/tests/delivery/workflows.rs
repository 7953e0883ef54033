//! The workflows of a fork.

use std::fs;

use serde_norway::Value;

use crate::{read, root};

const DIRECTORY: &str = ".github/workflows";

/// Each workflow's name, text and content.
fn workflows() -> Vec<(String, String, Value)> {
    let entries = fs::read_dir(root().join(DIRECTORY)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let all: Vec<_> = names
        .map(|name| {
            let text = read(&format!("{DIRECTORY}/{name}"));
            let content =
                serde_norway::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, text, content)
        })
        .collect();
    assert_eq!(all.len(), 2, "say here what else there is to hold");
    all
}

fn jobs(workflow: &Value) -> Vec<&Value> {
    workflow["jobs"].as_mapping().unwrap().values().collect()
}

fn steps(workflow: &Value) -> Vec<&Value> {
    let jobs = jobs(workflow).into_iter();
    jobs.flat_map(|job| job["steps"].as_sequence().unwrap())
        .collect()
}

/// What starts a workflow.
fn triggers(workflow: &Value) -> Vec<&str> {
    let triggers = workflow["on"].as_mapping().unwrap();
    triggers.keys().map(|key| key.as_str().unwrap()).collect()
}

#[test]
fn nobody_may_more_than_they_need() {
    for (name, _, workflow) in workflows() {
        assert_eq!(
            workflow["permissions"].as_mapping().unwrap().len(),
            0,
            "{name}"
        );
        for job in jobs(&workflow) {
            for (permission, level) in job["permissions"].as_mapping().unwrap() {
                let pair = (permission.as_str().unwrap(), level.as_str().unwrap());
                let fine = match pair {
                    ("contents", "read") => true,
                    ("id-token", "write") => name == "deploy.yml",
                    _ => false,
                };
                assert!(fine, "{name}: {pair:?}");
            }
            assert!(
                job["timeout-minutes"]
                    .as_u64()
                    .is_some_and(|limit| limit <= 120),
                "{name}"
            );
        }
    }
}

#[test]
fn actions_are_pinned_to_commits() {
    let mut seen = 0;
    for (name, _, workflow) in workflows() {
        for uses in steps(&workflow)
            .iter()
            .filter_map(|step| step["uses"].as_str())
        {
            let (_, commit) = uses.split_once('@').unwrap();
            let hex = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(hex, "{name}: {uses} can change what it does");
            seen += 1;
        }
    }
    assert!(seen > 4, "{seen}");
}

#[test]
fn strangers_reach_neither_secrets_nor_the_account() {
    for (name, text, workflow) in workflows() {
        let triggers = triggers(&workflow);
        assert!(
            !triggers.contains(&"pull_request_target") && !triggers.contains(&"workflow_run"),
            "{name}"
        );
        assert!(
            !text.contains("secrets."),
            "{name}: there is no secret to be had"
        );
        if triggers.contains(&"pull_request") {
            assert!(
                !text.contains("id-token") && !text.contains("role-to-assume"),
                "{name}"
            );
        } else {
            assert!(
                jobs(&workflow)
                    .iter()
                    .all(|job| !job["environment"].is_null()),
                "{name}"
            );
        }
        for step in steps(&workflow) {
            let script = step["run"].as_str().unwrap_or_default();
            assert!(
                !script.contains("${{"),
                "{name}: a value becomes part of a script: {script}"
            );
            if step["uses"]
                .as_str()
                .is_some_and(|uses| uses.starts_with("actions/checkout@"))
            {
                assert_eq!(
                    step["with"]["persist-credentials"],
                    Value::Bool(false),
                    "{name}"
                );
            }
        }
    }
}

#[test]
fn a_deployment_is_never_cut_off_and_never_meets_another() {
    let all = workflows();
    let (_, _, deploy) = all.iter().find(|(name, ..)| name == "deploy.yml").unwrap();
    assert_eq!(
        deploy["concurrency"]["cancel-in-progress"],
        Value::Bool(false)
    );
    let group = deploy["concurrency"]["group"].as_str().unwrap();
    assert!(group.contains("inputs.stage"), "{group}");
}

#[test]
fn what_the_workflows_run_is_there() {
    let makefile = read("Makefile");
    let rust = read("Cargo.toml");
    let rust = rust
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = "))
        .unwrap();
    for (name, text, workflow) in workflows() {
        assert!(
            text.contains(&format!("rustup default {}", rust.trim_matches('"'))),
            "{name}"
        );
        for script in steps(&workflow)
            .iter()
            .filter_map(|step| step["run"].as_str())
        {
            for line in script.lines().map(str::trim) {
                if let Some(rest) = line.strip_prefix("make ") {
                    let target = rest.split_whitespace().next().unwrap();
                    assert!(
                        makefile.contains(&format!("\n{target}: ")),
                        "{name}: {line}"
                    );
                } else if line.starts_with(".ci/") {
                    assert!(root().join(line).is_file(), "{name}: {line}");
                }
            }
        }
    }
}
