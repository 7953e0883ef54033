use domain::{
    Command, Cost, DefinitionName, DefinitionRef, Deliverable, FailureKind, ItemKind, ItemNumber,
    MessageId, NearMiss, Outcome, PullRequest, RunId, RunOrder, SeededRandom, Stage, TraceId,
};
use jiff::Timestamp;
use testkit::{
    IMPLEMENT, INVESTIGATE,
    runs::{ended as finished, leased},
};

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn run(name: DefinitionName) -> Run {
    let random = SeededRandom::new(3);
    let (connection, widgets) = (testkit::connection("acme", 7), testkit::widgets(3));
    let order = RunOrder {
        id: RunId::mint(at(0), &random),
        subject: testkit::issue(&connection, &widgets, 42),
        target: testkit::code(&connection, &widgets),
        definition: DefinitionRef { name, version: 1 },
        origin: testkit::origin("guid", "ada", 9, at(0), TraceId::mint(&random)),
    };
    testkit::runs::waiting(order, at(0))
}

fn claimed(name: DefinitionName) -> Run {
    leased(&run(name), "d", at(10))
}

#[test]
fn every_comment_carries_its_marker_first() {
    let queued = run(IMPLEMENT);
    let text = tracking_comment(&queued, &[], None);
    assert!(
        text.starts_with(&Marker::Run(queued.id()).to_string()),
        "{text}"
    );
    assert!(text.contains("`implement` is queued"), "{text}");
}

#[test]
fn progress_is_shown_defused_and_only_the_latest() {
    let run = claimed(IMPLEMENT);
    let events: Vec<_> = (0..20)
        .map(|n| ProgressEvent {
            at: at(n),
            stage: Stage::Working,
            text: format!("step {n} @everyone <!-- x --><b>"),
        })
        .collect();
    let text = tracking_comment(&run, &events, None);
    assert!(
        !text.contains("step 11 ") && text.contains("step 12 "),
        "{text}"
    );
    assert!(
        !text.replace("`@everyone`", "").contains('@') && !text.contains("<b>"),
        "{text}"
    );
}

#[test]
fn a_pull_request_is_linked_with_time_and_cost() {
    let run = claimed(IMPLEMENT);
    let deliverable = Deliverable::PullRequest(PullRequest {
        number: ItemNumber(43),
        branch: run.head().branch(),
        url: "http://elsewhere.example".to_owned(),
    });
    let end = domain::End {
        spent: domain::Spent {
            cost: Some(Cost(1_234_500)),
            usage: None,
        },
        ..Outcome::Succeeded { deliverable }.into()
    };
    let run = finished(&run, end, at(75));
    let text = tracking_comment(&run, &[], None);
    assert!(text.contains("Pull request: #43"), "{text}");
    assert!(
        text.contains("It took 1 min 5 s and cost $1.2345."),
        "{text}"
    );
    assert!(
        !text.contains("elsewhere"),
        "a daemon's link is not shown: {text}"
    );
}

#[test]
fn findings_are_defused_and_fit_into_a_comment() {
    let run = claimed(INVESTIGATE);
    let outcome = Outcome::Succeeded {
        deliverable: Deliverable::Findings,
    };
    let run = finished(&run, outcome, at(20));
    let text = tracking_comment(
        &run,
        &[],
        Some(&format!("@ada <script> {}", "€".repeat(60_000))),
    );
    assert!(text.len() <= 65_536, "{}", text.len());
    assert!(text.contains("have been cut") && !text.contains("<script>"));
}

#[test]
fn what_looks_like_a_credential_is_removed_counted_and_said() {
    let running = claimed(IMPLEMENT);
    let token = format!("ghs_{}", "a1B2".repeat(9));
    let events = [ProgressEvent {
        at: at(1),
        stage: Stage::Working,
        text: format!("echo {token}"),
    }];
    let text = tracking_comment(&running, &events, None);
    assert!(
        !text.contains(&token) && text.contains("was removed once"),
        "{text}"
    );
    let found = format!("{token}\n\n[redacted: a private key]");
    let text = ended(
        INVESTIGATE,
        Outcome::Succeeded {
            deliverable: Deliverable::Findings,
        },
        Some(&found),
    );
    assert!(
        !text.contains(&token) && text.contains("was removed 2 times"),
        "{text}"
    );
}

/// Adds up what events count as removed credentials.
#[derive(Clone, Debug, Default)]
struct Counting(std::sync::Arc<std::sync::atomic::AtomicU64>);

impl tracing::field::Visit for Counting {
    fn record_u64(&mut self, field: &tracing::field::Field, value: u64) {
        if field.name() == "metric.CredentialsRemoved" {
            self.0
                .fetch_add(value, std::sync::atomic::Ordering::Relaxed);
        }
    }

    fn record_debug(&mut self, _: &tracing::field::Field, _: &dyn std::fmt::Debug) {}
}

impl tracing::Subscriber for Counting {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::Id {
        tracing::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::Id, _: &tracing::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &tracing::Id) {}

    fn exit(&self, _: &tracing::Id) {}
}

#[test]
fn what_a_daemon_missed_is_counted_and_its_own_marks_are_not() {
    let token = format!("ghs_{}", "a1B2".repeat(9));
    let found = format!("{token}\n{token}\n[redacted: a private key]");
    let counting = Counting::default();
    tracing::subscriber::with_default(counting.clone(), || {
        ended(
            INVESTIGATE,
            Outcome::Succeeded {
                deliverable: Deliverable::Findings,
            },
            Some(&found),
        )
    });
    assert_eq!(counting.0.load(std::sync::atomic::Ordering::Relaxed), 2);
}

fn ended(name: DefinitionName, outcome: Outcome, findings: Option<&str>) -> String {
    let run = claimed(name);
    let spent = domain::Spent {
        cost: Some(Cost(0)),
        usage: Some(domain::Usage {
            calls: 3,
            input_tokens: 100,
            cache_write_tokens: 20,
            cache_read_tokens: 900,
            output_tokens: 50,
        }),
    };
    let end = domain::End {
        outcome,
        spent,
        revision: Some("0123456789abcdef".repeat(4).parse().unwrap()),
    };
    let run = finished(&run, end, at(20));
    tracking_comment(&run, &[], findings)
}

/// Every text that people see of a run, as they see it.
#[test]
fn every_comment_reads_well() {
    let pull = Deliverable::PullRequest(PullRequest {
        number: ItemNumber(43),
        branch: "switchyard/issue-42".to_owned(),
        url: String::new(),
    });
    let failed = |failure: domain::Failure| Outcome::Failed { failure };
    let protected = domain::Failure::from(FailureKind::ProtectedFiles)
        .about([".github/workflows/ci.yml", "odd`name"])
        .kept_on("switchyard/issue-42");
    let limited = domain::Failure::from(FailureKind::ModelLimited).retry_at(at(3_600));
    let running = claimed(IMPLEMENT);
    let events = [ProgressEvent {
        at: at(1),
        stage: Stage::Working,
        text: "runs `cargo test` for @ada".to_owned(),
    }];
    let mut texts = vec![
        ("queued", tracking_comment(&run(IMPLEMENT), &[], None)),
        ("running", tracking_comment(&running, &events, None)),
    ];
    let second = leased(&running, "e", at(1_000));
    texts.push(("second attempt", tracking_comment(&second, &[], None)));
    let code = "# Cause\n\n`Vec<T>` and:\n\n```cpp\n#include <vector>";
    texts.extend([
        (
            "proposed",
            ended(
                IMPLEMENT,
                Outcome::Succeeded {
                    deliverable: pull.clone(),
                },
                None,
            ),
        ),
        (
            "incomplete",
            ended(
                IMPLEMENT,
                Outcome::Incomplete {
                    failure: FailureKind::ChecksFailed.into(),
                    deliverable: pull,
                },
                None,
            ),
        ),
        (
            "findings",
            ended(
                INVESTIGATE,
                Outcome::Succeeded {
                    deliverable: Deliverable::Findings,
                },
                Some(code),
            ),
        ),
        (
            "unchanged",
            ended(IMPLEMENT, Outcome::Unchanged, Some("It is right already.")),
        ),
        ("protected files", ended(IMPLEMENT, failed(protected), None)),
        ("limited", ended(IMPLEMENT, failed(limited), None)),
        ("cancelled", ended(IMPLEMENT, Outcome::Cancelled, None)),
        ("expired", ended(IMPLEMENT, Outcome::Expired, None)),
    ]);
    insta::assert_snapshot!(one_below_the_other(&texts));
}

fn one_below_the_other(texts: &[(&str, String)]) -> String {
    for (name, text) in texts {
        assert!(!text.contains("\n\n\n"), "{name}: {text}");
    }
    let all = texts.iter();
    let all: Vec<_> = all
        .map(|(name, text)| format!("--- {name}\n{text}"))
        .collect();
    all.join("\n")
}

#[test]
fn every_failure_says_what_to_do() {
    for kind in FailureKind::ALL {
        let failure = (*kind).into();
        let text = ended(IMPLEMENT, Outcome::Failed { failure }, None);
        assert!(
            text.contains(kind.reason()) && text.contains(kind.solution()),
            "{text}"
        );
    }
}

#[test]
fn every_refusal_reads_well() {
    let other = || run(IMPLEMENT).key();
    let (name, marker) = (IMPLEMENT, Marker::Message(MessageId::from(9)));
    let wrong = |kind| Refusal::WrongItem { name, kind };
    let miss = |meant| Refusal::NearMiss {
        miss: NearMiss { meant },
    };
    let texts = [
        ("owner not allowed", Refusal::OwnerNotAllowed),
        ("permission too low", Refusal::PermissionTooLow),
        ("wrong item: issue", wrong(ItemKind::Issue)),
        ("wrong item: pull request", wrong(ItemKind::PullRequest)),
        (
            "already running",
            Refusal::AlreadyRunning {
                name,
                run: Box::new(other()),
            },
        ),
        ("nothing to stop", Refusal::NothingToStop),
        ("stopped while it waited", Refusal::Stopped),
        (
            "asked again",
            Refusal::AskedAgain {
                name,
                run: Box::new(other()),
            },
        ),
        ("near miss", miss(None)),
        ("near miss of one", miss(Some(Command::Start(name)))),
        ("broken", Refusal::Broken),
        ("given up", Refusal::GivenUp),
        ("no access", Refusal::NoAccess),
    ]
    .map(|(case, refusal)| (case, answer(&refusal, &marker)));
    insta::assert_snapshot!(one_below_the_other(&texts));
}
