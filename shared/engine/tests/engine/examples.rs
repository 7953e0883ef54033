//! The examples, driven through the engine by a script, with what they come to.

use engine::{Ended, Order, Plan, Status, names};
use serde_json::{Value, json};

use crate::{
    definitions::written,
    world::{Answer, FAILS, Over, World},
};

fn example(name: &str) -> Plan {
    let written = written();
    let (_, text) = written.iter().find(|(known, _)| known == name).unwrap();
    Plan::read(text).unwrap()
}

/// Runs an example, after its input was found to fit.
fn drive(plan: &Plan, input: Value, script: impl FnMut(&Order) -> Answer) -> Over<'_> {
    assert_eq!(plan.input_violations(&input), []);
    World::new(plan, input).run(script)
}

fn node(order: &Order) -> &str {
    order.step.path.node()
}

fn told(order: &Order, name: &str) -> Value {
    order.parameters["parameters"][name].clone()
}

#[test]
fn every_example_is_driven_here() {
    let this = include_str!("examples.rs");
    for (name, text) in written() {
        let built_in = !text.contains("\nnodes:");
        assert!(
            built_in || this.contains(&format!("example(\"{name}\")")),
            "{name} is not driven"
        );
    }
}

#[test]
fn ten_lines_find_flaky_runs() {
    let plan = example("ten-lines");
    let runs = json!({"body": {"runs": [{"passed_on_retry": true}, {"passed_on_retry": false}, {"passed_on_retry": true}]}});
    let over = drive(&plan, Value::Null, |_| Answer::Done(runs.clone()));
    assert_eq!(over.result(), json!({"text": "2 runs only passed again."}));
}

#[test]
fn packages_are_moved_five_at_once_and_some_may_fail() {
    let plan = example("fan-out-packages");
    let names: Vec<String> = (0..12).map(|at| format!("package{at}")).collect();
    let input = json!({"dependency": "serde", "version": "2", "packages": names});
    let over = drive(&plan, input, |order| {
        let message = told(order, "message");
        let message = message.as_str().unwrap();
        assert!(message.ends_with(": serde 2"), "{message}");
        match message.split(':').next().unwrap() {
            "package3" | "package7" => FAILS,
            "package5" => Answer::Unchanged,
            name => Answer::Done(json!({"pull_request": {"number": name.len()}})),
        }
    });
    assert_eq!(over.ended(), &Ended::Succeeded);
    assert_eq!(
        over.result(),
        json!({"opened": 9, "unchanged": 1, "failed": 2})
    );
    assert!(
        !plan
            .input_violations(&json!({"dependency": "serde"}))
            .is_empty()
    );
}

#[test]
fn a_night_with_nothing_outdated_does_nothing() {
    let plan = example("nightly-dependencies");
    let over = drive(&plan, json!({"slot": "2026-11-02"}), |_| {
        Answer::Done(json!({"result": {}}))
    });
    assert_eq!(
        (over.ended(), over.asked()),
        (&Ended::Succeeded, vec!["outdated#1"])
    );
    assert!(over.is("update", Status::Skipped) && over.is("tell", Status::Skipped));
    let over = drive(&plan, json!({"slot": "2026-11-03"}), |order| {
        match node(order) {
            "outdated" => Answer::Done(json!({"result": {"left-pad": "1.3.0"}})),
            "update" => {
                assert!(
                    told(order, "message")
                        .as_str()
                        .unwrap()
                        .contains("left-pad")
                );
                Answer::Done(json!({"pull_request": {"url": "https://example.com/7"}}))
            }
            _ => {
                assert_eq!(told(order, "text"), "Dependencies: https://example.com/7");
                Answer::Done(Value::Null)
            }
        }
    });
    assert_eq!(over.asked(), ["outdated#1", "update#1", "tell#1"]);
}

#[test]
fn a_rule_decides_what_is_plain_and_a_model_what_is_not() {
    let plan = example("triage-issue");
    let by = |title: &str, model: fn() -> Answer| {
        let input = json!({"title": title, "body": "Words."});
        let over = drive(&plan, input, |order| match node(order) {
            "classify" => model(),
            _ => Answer::Done(json!({})),
        });
        over.asked()
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let unasked = || panic!("the rule decides");
    assert_eq!(by("Crash at start", unasked), ["label_bug#1", "look#1"]);
    assert_eq!(by("How do I log in?", unasked), ["label_question#1"]);
    let says = || Answer::Done(json!({"kind": "feature"}));
    assert_eq!(by("Dark mode", says), ["classify#1", "label_feature#1"]);
    let says = || Answer::Done(json!({"kind": "bug"}));
    assert_eq!(
        by("It is slow", says),
        ["classify#1", "label_bug#1", "look#1"]
    );
    let asked = by("It is slow", || FAILS);
    assert_eq!(
        asked,
        ["classify#1", "classify#2", "classify#3", "label_unsure#1"]
    );
}

#[test]
fn what_fails_for_good_is_made_up_for() {
    let plan = example("retry-and-catch");
    let mut answers = [
        "Http.TooManyRequests",
        names::TIMEOUT,
        "Http.TooManyRequests",
        "ok",
    ]
    .into_iter();
    let over = drive(&plan, json!({"tag": "v2"}), |order| {
        if node(order) == "draft" {
            assert_eq!(told(order, "body"), json!({"tag": "v2"}));
            return Answer::Done(json!({"body": {"id": 7}}));
        }
        let url = "https://notes.example.com/drafts/7/publish";
        assert_eq!(told(order, "url"), url);
        match answers.next().unwrap() {
            "ok" => Answer::Done(json!({})),
            name => Answer::Fails(name),
        }
    });
    assert_eq!(over.result(), json!({"text": "Published v2."}));
    let waits: Vec<&String> = over
        .world
        .log
        .iter()
        .filter(|line| line.starts_with("wake"))
        .collect();
    assert!(
        waits[0].ends_with("in 30") && waits[2].ends_with("in 45"),
        "{waits:?}"
    );
    let over = drive(&plan, json!({"tag": "v2"}), |order| match node(order) {
        "draft" => Answer::Done(json!({"body": {"id": 7}})),
        "publish" => Answer::Fails("Http.Gone"),
        _ => Answer::Done(json!({})),
    });
    assert_eq!(
        over.asked(),
        [
            "draft#1",
            "publish#1",
            "publish#2",
            "publish#3",
            "take_back#1"
        ]
    );
    let said = over.result();
    assert_eq!(
        said,
        json!({"text": "Not published, and the draft is gone: Http.Gone."})
    );
}

#[test]
fn every_repository_gets_a_run_of_its_own() {
    let plan = example("every-repository");
    let input = json!({"repositories": ["octo/a", "octo/b", "octo/c"], "change": "Add a licence."});
    let over = drive(&plan, input, |order| {
        assert_eq!(told(order, "definition"), "implement");
        assert_eq!(told(order, "input"), json!({"text": "Add a licence."}));
        match told(order, "repository").as_str().unwrap() {
            "octo/b" => FAILS,
            name => Answer::Done(
                json!({"pull_request": {"url": format!("https://example.com/{name}/1")}}),
            ),
        }
    });
    let said = over.result();
    assert_eq!(
        said["text"],
        "- https://example.com/octo/a/1\n- https://example.com/octo/c/1\n"
    );
    assert!(
        !plan
            .input_violations(&json!({"repositories": ["a b"], "change": ""}))
            .is_empty()
    );
}

#[test]
fn checks_are_waited_for_and_what_is_red_is_mended() {
    let plan = example("wait-for-checks");
    let by = |checks: fn() -> Answer| {
        let over = drive(&plan, Value::Null, |order| match node(order) {
            "change" => Answer::Done(json!({"pull_request": {"head": "abc", "branch": "bot/1"}})),
            "checks" => {
                assert_eq!(told(order, "key"), "abc");
                assert_eq!(order.timeout_seconds, 7200);
                checks()
            }
            "mend" => {
                assert_eq!(
                    (told(order, "revision"), told(order, "message")),
                    (json!("bot/1"), json!("2 failed"))
                );
                Answer::Done(json!({}))
            }
            _ => Answer::Done(json!({})),
        });
        over.asked().last().unwrap().to_string()
    };
    assert_eq!(
        by(|| Answer::Done(json!({"conclusion": "success"}))),
        "label#1"
    );
    assert_eq!(
        by(|| Answer::Done(json!({"conclusion": "failure", "summary": "2 failed"}))),
        "mend#1"
    );
    assert_eq!(by(|| Answer::Expires), "say_late#1");
}

#[test]
fn a_report_is_written_without_incidents_but_not_without_merges() {
    let plan = example("weekly-report");
    let input = json!({"slot": "2026-W48"});
    let over = drive(&plan, input.clone(), |order| match node(order) {
        "merged" => {
            assert_eq!(
                told(order, "url"),
                "https://api.example.com/merged?week=2026-W48"
            );
            Answer::Done(json!({"body": ["#1"]}))
        }
        "incidents" => FAILS,
        _ => {
            assert!(
                told(order, "message")
                    .as_str()
                    .unwrap()
                    .starts_with("Merged: ")
            );
            Answer::Done(json!({"text": "A quiet week."}))
        }
    });
    assert_eq!(over.result(), json!({"text": "A quiet week."}));
    let over = drive(&plan, input, |order| match node(order) {
        "merged" => FAILS,
        _ => Answer::Done(json!({"body": []})),
    });
    assert_eq!(over.failed_by(), names::TASK_FAILED);
    assert!(over.is("write", Status::Skipped));
}

#[test]
fn pages_are_gathered_checked_and_sent_in_lots() {
    let plan = example("data-pipeline");
    let customer = |id: u64| json!({"id": id, "mail": format!("{id}@example.com"), "active": id.is_multiple_of(2)});
    let page = |first: u64, next: Option<&str>| {
        let customers: Vec<Value> = (first..first + 150).rev().map(customer).collect();
        let mut body = json!({"customers": customers});
        if let Some(next) = next {
            body["next"] = json!(next);
        }
        json!({"body": body})
    };
    let mut lots = Vec::new();
    let over = drive(&plan, Value::Null, |order| {
        if node(order) != "fetch" {
            let members = told(order, "body")["members"].as_array().unwrap().clone();
            lots.push((members.len(), members[0]["id"].clone()));
            return Answer::Done(json!({}));
        }
        let second = "https://crm.example.com/customers?page=2";
        Answer::Done(if told(order, "url") == second {
            page(150, None)
        } else {
            page(0, Some(second))
        })
    });
    assert_eq!(over.ended(), &Ended::Succeeded);
    assert_eq!(lots, [(100, json!(0)), (50, json!(200))]);
    let over = drive(&plan, Value::Null, |_| {
        Answer::Done(
            json!({"body": {"customers": [{"id": "x", "mail": "a", "active": true}, customer(2)]}}),
        )
    });
    assert!(over.is("wrong", Status::Succeeded) && over.is("send", Status::Skipped));
}

#[test]
fn the_first_of_two_models_answers() {
    let plan = example("first-answer");
    let input = json!({"question": "Why?"});
    let over = drive(&plan, input.clone(), |order| match node(order) {
        "other" => Answer::Done(json!("Because.")),
        _ => Answer::Silent,
    });
    assert_eq!(over.result(), json!({"other": "Because."}));
    assert!(
        over.world
            .log
            .contains(&"close minute.0.one#1 NotNeeded".to_owned()),
        "{:?}",
        over.world.log
    );
    let over = drive(&plan, input, |order| match node(order) {
        "minute" => Answer::Expires,
        _ => Answer::Silent,
    });
    assert_eq!(over.result(), json!("Nobody answered in a minute."));
}
