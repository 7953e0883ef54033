//! What begins a run.

use engine::{Happening, Plan};
use serde_json::json;

use crate::definitions::graph;

fn plan(subtype: &str, parameters: &str) -> Plan {
    let nodes = format!(
        "begin: {{type: trigger, subtype: {subtype}, parameters: {{{parameters}}}}}\nthen: {{type: flow, subtype: merge}}"
    );
    let text = graph(&nodes, "{from: begin, to: then}, {from: start, to: then}");
    Plan::read(&text).unwrap_or_else(|faults| panic!("{text}{faults}"))
}

fn begins(plan: &Plan, happening: Happening<'_>) -> bool {
    let begun: Vec<&str> = plan.begun_by(happening).map(engine::NodePlan::id).collect();
    // Whoever looks into the index finds at least what the filters let through.
    assert!(begun.is_empty() || plan.trigger_keys().contains(&happening.key()));
    begun == ["begin"]
}

#[test]
fn filters_of_github_are_exact() {
    let push = Happening {
        kind: "github",
        name: "push",
        branch: "release/1.2",
        paths: &["docs/a.md", "src/main.rs"],
        author: "Ada",
        ..Happening::default()
    };
    let table = [
        ("event: push", true),
        ("event: issues", false),
        ("event: push, branch: release/1.2", true),
        ("event: push, branch: 'release/*'", true),
        ("event: push, branch: main", false),
        ("event: push, path: src", true),
        ("event: push, path: src/", true),
        ("event: push, path: sr", false),
        ("event: push, path: tests", false),
        ("event: push, author: ada", true),
        ("event: push, author: bob", false),
        ("event: push, action: opened", false),
    ];
    for (parameters, expected) in table {
        assert_eq!(
            begins(&plan("github", parameters), push),
            expected,
            "{parameters}"
        );
    }
    let slack = Happening {
        kind: "slack",
        ..push
    };
    assert!(!begins(&plan("github", "event: push"), slack));
}

#[test]
fn filters_of_the_others_are_exact() {
    let said = Happening {
        kind: "slack",
        name: "app_mention",
        channel: "dev",
        ..Happening::default()
    };
    assert!(begins(
        &plan("slack", "event: app_mention, channel: dev"),
        said
    ));
    assert!(!begins(
        &plan("slack", "event: app_mention, channel: ops"),
        said
    ));
    let mail = Happening {
        kind: "email",
        name: "work@example.com",
        subject: "Please deploy",
        ..Happening::default()
    };
    assert!(begins(
        &plan(
            "email",
            "address: work@example.com, subject_contains: deploy"
        ),
        mail
    ));
    assert!(!begins(
        &plan("email", "address: work@example.com, subject_contains: stop"),
        mail
    ));
    let body = json!({"level": 3});
    let request = Happening {
        kind: "webhook",
        name: "alerts",
        body: Some(&body),
        ..Happening::default()
    };
    for (when, expected) in [
        ("level > 2", true),
        ("$input.level > 3", false),
        ("level", false),
        ("$number('x')", false),
    ] {
        let plan = plan("webhook", &format!("source: alerts, when: \"{when}\""));
        assert_eq!(begins(&plan, request), expected, "{when}");
    }
    assert!(!begins(&plan("webhook", "source: others"), request));
}

#[test]
fn hands_and_clocks_are_in_no_index() {
    let nightly = Plan::read(include_str!(
        "../../../../definitions/examples/nightly-dependencies.yaml"
    ))
    .unwrap();
    assert_eq!(nightly.trigger_keys(), [""; 0]);
    assert_eq!(
        plan("github", "event: push").trigger_keys(),
        ["github/push"]
    );
}

#[test]
fn runs_with_the_same_key_are_one_after_the_other() {
    let text = graph(
        "then: {type: flow, subtype: merge}",
        "{from: start, to: then}",
    ) + "concurrency: {key: '{{ run.input.environment }}', on_conflict: queue}\n";
    let plan = Plan::read(&text).unwrap();
    assert_eq!(
        plan.concurrency_key(&json!({"environment": "prod"}))
            .unwrap()
            .as_deref(),
        Some("prod")
    );
    assert!(plan.concurrency_key(&json!({})).is_err());
    let without = Plan::read(include_str!("../../../../definitions/implement.yaml")).unwrap();
    assert_eq!(without.concurrency_key(&json!({})), Ok(None));
}

#[test]
fn nothing_takes_longer_than_its_run() {
    let call = |seconds: &str| {
        let node = format!(
            "call: {{type: action, subtype: http_request, parameters: {{url: 'https://a.example'}}{seconds}}}"
        );
        graph(&node, "{from: start, to: call}") + "timeout_seconds: 100\n"
    };
    assert!(Plan::read(&call("")).is_ok());
    assert!(Plan::read(&call(", timeout_seconds: 100")).is_ok());
    let refused = Plan::read(&call(", timeout_seconds: 101"))
        .unwrap_err()
        .to_string();
    assert!(refused.contains("longer than the run"), "{refused}");
}
