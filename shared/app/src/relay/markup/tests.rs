use domain::{
    CommentId, DaemonId, FailureKind, Fence, InstallationId, ItemKind, ItemNumber, Job, JobId,
    NewRun, Origin, Provider, PullRequest, Repository, RepositoryId, RunSequence, SeededRandom,
    StepId, Ticket, TraceId, Trigger, Verb,
};
use jiff::Timestamp;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn run(verb: Verb) -> Run {
    let random = SeededRandom::new(3);
    let delivery = DeliveryKey {
        provider: Provider::Github,
        installation: InstallationId(7),
        id: "guid".parse().unwrap(),
    };
    let new = NewRun {
        id: RunId::mint(at(0), &random),
        step: StepId::mint(at(0), &random),
        job: Job::queued(JobId::mint(at(0), &random)),
        ticket: Ticket {
            tenant: "ten_acme".parse().unwrap(),
            provider: Provider::Github,
            installation: InstallationId(7),
            repository: Repository {
                id: RepositoryId(3),
                owner: "octo".parse().unwrap(),
                name: "widgets".parse().unwrap(),
            },
            number: ItemNumber(42),
            kind: ItemKind::Issue,
        },
        verb,
        sequence: RunSequence::FIRST,
        origin: Origin {
            delivery,
            requester: "ada".parse().unwrap(),
            trigger: Trigger::Comment(CommentId(9)),
            trace: TraceId::mint(&random),
        },
    };
    Run::start(new, at(0))
}

fn claimed(verb: Verb) -> (Run, Fence) {
    let mut run = run(verb);
    let daemon: DaemonId = "d".parse().unwrap();
    let fence = run.claim(&daemon, at(10)).unwrap().fence;
    (run, fence)
}

#[test]
fn every_comment_carries_its_marker_first() {
    let queued = run(Verb::Implement);
    let text = tracking_comment(&queued, &[], None);
    assert!(text.starts_with(&run_marker(queued.id)), "{text}");
    assert!(text.contains("`implement` is queued"), "{text}");
}

#[test]
fn news_is_shown_defused_and_only_the_latest() {
    let (run, _) = claimed(Verb::Implement);
    let news: Vec<_> = (0..20)
        .map(|n| ProgressEvent {
            at: at(n),
            stage: Stage::Working,
            text: format!("step {n} @everyone <!-- x --><b>"),
        })
        .collect();
    let text = tracking_comment(&run, &news, None);
    assert!(
        !text.contains("step 11 ") && text.contains("step 12 "),
        "{text}"
    );
    assert!(
        !text.contains("@everyone") && !text.contains("<b>"),
        "{text}"
    );
}

#[test]
fn a_pull_request_is_linked_with_time_and_cost() {
    let (mut run, fence) = claimed(Verb::Implement);
    let deliverable = Deliverable::PullRequest(PullRequest {
        number: ItemNumber(43),
        branch: run.branch(),
        url: "http://elsewhere.example".to_owned(),
    });
    run.finish(
        fence,
        Outcome::Succeeded { deliverable },
        domain::Spent {
            cost: Some(Cost(1_234_500)),
            usage: None,
        },
        at(75),
    )
    .unwrap();
    let text = tracking_comment(&run, &[], None);
    assert!(text.contains("Draft pull request: #43"), "{text}");
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
    let (mut run, fence) = claimed(Verb::Investigate);
    let outcome = Outcome::Succeeded {
        deliverable: Deliverable::Findings,
    };
    run.finish(fence, outcome, domain::Spent::default(), at(20))
        .unwrap();
    let text = tracking_comment(
        &run,
        &[],
        Some(&format!("@ada <script> {}", "€".repeat(60_000))),
    );
    assert!(text.len() <= 65_536, "{}", text.len());
    assert!(text.contains("have been cut") && !text.contains("<script>"));
}

#[test]
fn every_failure_and_refusal_says_what_to_do() {
    for kind in FailureKind::ALL {
        let (mut run, fence) = claimed(Verb::Implement);
        run.finish(
            fence,
            Outcome::Failed {
                failure: (*kind).into(),
            },
            domain::Spent::default(),
            at(20),
        )
        .unwrap();
        let text = tracking_comment(&run, &[], None);
        assert!(
            text.contains(kind.reason()) && text.contains(kind.solution()),
            "{text}"
        );
    }
    let text = refusal(&Refusal::NothingToStop, "<!-- m -->");
    assert!(text.starts_with("<!-- m -->\nNothing is at work"), "{text}");
}
