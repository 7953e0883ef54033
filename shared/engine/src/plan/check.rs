//! What has to be so of the parts of a definition.

use std::collections::BTreeSet;

use domain::{Command, Task, TaskParts};
use expr::Template;

use super::{Compiled, NodePlan, Plan, ScopePlan, findings::Findings};
use crate::{
    registry::{Execution, NodeKind},
    retry::{LONGEST_NAME, names::ALL},
    written::{Concurrency, OnConflict, WrittenGraph, WrittenNode},
};

pub(super) fn check_head(written: &WrittenGraph, found: &mut Findings) {
    if written.format != 1 {
        let reason = format!("format {} is not known", written.format);
        found.add("format", reason, "write `format: 1`");
    }
    if written.version == 0 {
        found.add("version", "versions count from 1", "write `version: 1`");
    }
    if written.name.as_str() == Command::STOP {
        found.add("name", "it is a command already", "take another name");
    }
    if !(1..=Plan::LONGEST).contains(&written.timeout_seconds) {
        let reason = format!("it has to be from 1 to {}", Plan::LONGEST);
        found.add(
            "timeout_seconds",
            reason,
            "write how many seconds a run may take",
        );
    }
    if let Some(concurrency) = &written.concurrency {
        check_concurrency(concurrency, found);
    }
}

fn check_concurrency(concurrency: &Concurrency, found: &mut Findings) {
    let key = concurrency.key.as_deref().map(Template::compile);
    match key {
        Some(Err(error)) => found.add(
            "concurrency.key",
            error.to_string(),
            "write a template of `run.input`",
        ),
        Some(Ok(template))
            if template
                .names()
                .iter()
                .any(|name| !name.starts_with("run.")) =>
        {
            found.add(
                "concurrency.key",
                "it names what is not there before a run",
                "write a template of `run.input`",
            );
        }
        _ => {}
    }
    let debounced = concurrency.on_conflict == OnConflict::Debounce;
    let seconds = concurrency.debounce_seconds;
    if debounced != seconds.is_some()
        || seconds.is_some_and(|seconds| !(1..=3600).contains(&seconds))
    {
        let fix =
            "write debounce_seconds from 1 to 3600 with on_conflict debounce, and not without";
        found.add("concurrency.debounce_seconds", "it goes with debounce", fix);
    }
}

pub(super) fn timeout(
    kind: &NodeKind,
    written: &WrittenNode,
    path: &str,
    found: &mut Findings,
) -> Option<u32> {
    let Some(limits) = kind.execution().timeout() else {
        if written.timeout_seconds.is_some() {
            let fix = "leave it out; the nodes that take time have one of their own";
            found.add(
                format!("{path}.timeout_seconds"),
                "a node of this kind takes no time of its own",
                fix,
            );
        }
        return None;
    };
    let seconds = written.timeout_seconds.unwrap_or(limits.default);
    if !(limits.least..=limits.most).contains(&seconds) {
        let reason = format!("it has to be from {} to {}", limits.least, limits.most);
        found.add(
            format!("{path}.timeout_seconds"),
            reason,
            "write how many seconds it may take",
        );
    }
    Some(seconds)
}

pub(super) fn check_rules(
    kind: &NodeKind,
    written: &WrittenNode,
    path: &str,
    found: &mut Findings,
) {
    let computes = matches!(kind.execution(), Execution::Inline(_));
    if computes && !written.retry.is_empty() {
        let fix = "leave it out; a node that computes gives the same each time";
        found.add(
            format!("{path}.retry"),
            "nothing changes by trying again",
            fix,
        );
    }
    for (at, rule) in written.retry.iter().enumerate() {
        let path = format!("{path}.retry[{at}]");
        if let Some(reason) = rule.wrong() {
            found.add(&path, reason, "see docs/definitions.md, Failures");
        }
        check_errors(&rule.errors, at + 1 == written.retry.len(), &path, found);
    }
    for (at, rule) in written.catch.iter().enumerate() {
        let path = format!("{path}.catch[{at}]");
        if rule.errors.is_empty() {
            found.add(
                &path,
                "it is for no failure",
                "name failures, or States.ALL",
            );
        }
        check_errors(&rule.errors, at + 1 == written.catch.len(), &path, found);
        if kind.ports().contains(&rule.output.as_str()) {
            let reason = format!("`{}` is an output of this node already", rule.output);
            found.add(
                format!("{path}.output"),
                reason,
                "take another word, such as `error`",
            );
        }
    }
    let heartbeat = written.heartbeat_seconds;
    if heartbeat.is_some() && kind.execution() != Execution::Job {
        found.add(
            format!("{path}.heartbeat_seconds"),
            "only jobs have heartbeats",
            "leave it out",
        );
    } else if heartbeat.is_some_and(|seconds| !(30..=3600).contains(&seconds)) {
        found.add(
            format!("{path}.heartbeat_seconds"),
            "it has to be from 30 to 3600",
            "write how many seconds",
        );
    }
}

/// What stands for any failure stands alone and last, as in the Amazon States Language.
fn check_errors(errors: &[String], last: bool, path: &str, found: &mut Findings) {
    let any = errors.iter().any(|error| error == ALL);
    if any && (errors.len() > 1 || !last) {
        found.add(
            format!("{path}.errors"),
            "States.ALL stands alone, in the last rule",
            "move it there",
        );
    }
    let word = |error: &&String| {
        error.is_empty()
            || error.len() > LONGEST_NAME
            || !error
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._".contains(&b))
    };
    if let Some(wrong) = errors.iter().find(word) {
        let fix = "take letters, digits, `.` and `_`, such as States.Timeout";
        found.add(
            format!("{path}.errors"),
            format!("`{wrong}` is no name of a failure"),
            fix,
        );
    }
}

pub(super) fn check_roots(root: &ScopePlan, found: &mut Findings) {
    if root.nodes.is_empty() {
        return;
    }
    if !root.nodes.iter().any(NodePlan::is_trigger) {
        let fix = "write a node such as `start: {type: trigger, subtype: manual}` and connect it";
        found.add("nodes", "no run can begin: there is no trigger", fix);
    }
    for node in root
        .nodes
        .iter()
        .filter(|node| node.incoming.is_empty() && !node.is_trigger())
    {
        let path = format!("nodes.{}", node.id);
        found.add(
            path,
            "it is never reached: nothing leads to it",
            "connect it, or leave it out",
        );
    }
    root.each(&mut |path, node| {
        if path.contains(".body.") && node.is_trigger() {
            found.add(
                path,
                "a trigger stands in a body",
                "put it beside the others, outside",
            );
        }
    });
}

/// What an agent is told has to make sense together, as for a definition of one task.
pub(super) fn check_tasks(
    root: &ScopePlan,
    targets: &BTreeSet<domain::ItemKind>,
    found: &mut Findings,
) {
    root.each(&mut |path, node| {
        if node.kind.subtype() != "coding_agent" {
            return;
        }
        let word = |name: &str| node.parameters.get(name).and_then(Compiled::word);
        let parts = TaskParts {
            access: known(word("access")),
            tools: known(word("tools")),
            deliverable: known(word("deliverable")),
            targets: if targets.is_empty() {
                BTreeSet::from([domain::ItemKind::Issue])
            } else {
                targets.clone()
            },
            prompt: word("prompt").unwrap_or_default().to_owned(),
        };
        if let Err(error) = Task::new(parts) {
            let fix = "a pull request takes access and tools `write`, findings take access `read`";
            found.add(format!("{path}.parameters"), error.to_string(), fix);
        }
    });
}

/// What a word of a parameter means in the domain; words were checked against the options before.
fn known<T: serde::de::DeserializeOwned + Default>(word: Option<&str>) -> T {
    let read = word.and_then(|word| serde_json::from_value(word.into()).ok());
    read.unwrap_or_default()
}

/// Nothing takes longer than the run that it is of. What says nothing takes as long as the run may at most.
pub(super) fn bound_times(
    root: &mut ScopePlan,
    under: &str,
    run_seconds: u32,
    found: &mut Findings,
) {
    for node in &mut root.nodes {
        let path = format!("{under}nodes.{}", node.id);
        let limits = node.kind.execution().timeout();
        match (node.timeout_seconds, limits) {
            (Some(seconds), Some(limits)) if seconds > run_seconds => {
                if seconds == limits.default {
                    node.timeout_seconds = Some(run_seconds);
                } else {
                    let reason =
                        format!("it is longer than the run may take, {run_seconds} seconds");
                    found.add(
                        format!("{path}.timeout_seconds"),
                        reason,
                        "shorten it, or let the run take longer",
                    );
                }
            }
            _ => {}
        }
        if let Some(body) = &mut node.body {
            bound_times(body, &format!("{path}.body."), run_seconds, found);
        }
    }
}
