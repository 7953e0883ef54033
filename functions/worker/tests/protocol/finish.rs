//! Ending a job.

use std::time::Duration;

use contract::{
    Slug,
    worker::{FINDINGS_LIMIT, FinishRequest},
};
use domain::{
    CommitSha, Cost, Deliverable, FailureKind, ItemNumber, Outcome, PullRequest, Run, RunHead,
    RunState,
};
use jiff::SignedDuration;
use simgithub::{Fault, FaultRule};
use testkit::{IMPLEMENT, INVESTIGATE, runs::change_run};

use crate::support::{World, ended};

fn pull_request(world: &World, branch: String) -> Deliverable {
    Deliverable::PullRequest(PullRequest {
        number: ItemNumber(8),
        branch,
        url: format!("{}octo-demo/widgets/pull/8", world.github.git_url()),
    })
}

fn succeeded(deliverable: Deliverable) -> FinishRequest {
    ended(Outcome::Succeeded { deliverable })
}

fn failed(kind: FailureKind) -> FinishRequest {
    ended(Outcome::Failed {
        failure: kind.into(),
    })
}

fn with(request: FinishRequest, findings: &str) -> FinishRequest {
    FinishRequest {
        findings: Some(findings.to_owned()),
        ..request
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_ends_once() {
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    let begun = world.clock.now();
    world.advance(SignedDuration::from_secs(90));
    let mut request = succeeded(pull_request(&world, world.run.head().branch()));
    request.spent.cost = Some(Cost(420_000));
    world.finish(&held, &request).await.is_done();
    let run = world.now().await;
    let finished = run.finished().unwrap();
    assert_eq!(finished.outcome, request.outcome);
    assert_eq!(finished.spent, request.spent);
    assert_eq!(finished.fence, held.claimed.lease.fence);
    assert_eq!(
        (finished.started_at, finished.at),
        (Some(begun), world.clock.now())
    );

    world.advance(SignedDuration::from_secs(5));
    world.finish(&held, &request).await.is_done();
    assert_eq!(world.now().await, run, "the same end again changes nothing");
    for other in [failed(FailureKind::NoChange), ended(Outcome::Cancelled)] {
        let answer = world.finish(&held, &other).await;
        answer.is_problem(409, &Slug::JOB_FINISHED);
    }
    assert_eq!(world.now().await, run);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_can_be_told() {
    for kind in [FailureKind::AgentFailed, FailureKind::PushRejected] {
        let world = World::start(IMPLEMENT).await;
        let held = world.lease("first").await;
        world.finish(&held, &failed(kind)).await.is_done();
        let run = world.now().await;
        assert_eq!(run.state(), RunState::Failed);
        assert_eq!(run.failure().unwrap().kind(), kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_checks_failed_is_incomplete() {
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    let request = ended(Outcome::Incomplete {
        failure: FailureKind::ChecksFailed.into(),
        deliverable: pull_request(&world, world.run.head().branch()),
    });
    world.finish(&held, &request).await.is_done();
    assert_eq!(world.now().await.state(), RunState::Incomplete);
}

#[tokio::test(flavor = "multi_thread")]
async fn findings_of_any_allowed_length_are_kept() {
    for findings in ["x".to_owned(), "é".repeat(FINDINGS_LIMIT / 2)] {
        let world = World::start(INVESTIGATE).await;
        let held = world.lease("first").await;
        let request = with(succeeded(Deliverable::Findings), &findings);
        world.finish(&held, &request).await.is_done();
        let kept = world.store.findings(&world.run.key()).await.unwrap();
        assert_eq!(kept, Some(findings));

        let again = with(request, "something else");
        world.finish(&held, &again).await.is_done();
        let still = world.store.findings(&world.run.key()).await.unwrap();
        assert_ne!(still, again.findings, "what was told first stands");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commit_that_was_worked_on_is_kept_and_is_the_one_that_was_decided_on() {
    let world = World::start(INVESTIGATE).await;
    let [decided, other]: [CommitSha; 2] = ["a", "b"].map(|one| one.repeat(40).parse().unwrap());
    let pin = |run: &Run| {
        let mut parts = run.head().parts().clone();
        parts.target = parts.target.at(Some(decided.clone()));
        parts.version = parts.version.next();
        let head = RunHead::from_parts(parts).unwrap();
        Run::new(head, run.step().cloned(), None)
    };
    change_run(&world.store, &world.run.key(), pin).await;
    let held = world.lease("first").await;
    let told = |revision: &CommitSha| FinishRequest {
        revision: Some(revision.clone()),
        ..with(succeeded(Deliverable::Findings), "It is in `a.txt`.")
    };
    let refused = world.finish(&held, &told(&other)).await;
    refused.is_problem(422, &Slug::JOB_MISMATCH);
    world.finish(&held, &told(&decided)).await.is_done();
    let run = world.now().await;
    assert_eq!(run.finished().unwrap().revision, Some(decided));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_implementation_cannot_end_otherwise_than_its_verb_can() {
    let world = World::start(IMPLEMENT).await;
    let mut long = pull_request(&world, world.run.head().branch());
    if let Deliverable::PullRequest(pull) = &mut long {
        pull.url.push_str(&"x".repeat(600));
    }
    let own = world.run.head().branch();
    let wrong = [
        succeeded(Deliverable::Findings),
        with(succeeded(Deliverable::Findings), "findings"),
        succeeded(pull_request(&world, "main".to_owned())),
        succeeded(pull_request(&world, format!("{own}x"))),
        succeeded(long),
        with(succeeded(pull_request(&world, own)), "findings"),
        with(failed(FailureKind::NoChange), "findings"),
        ended(Outcome::Incomplete {
            failure: FailureKind::ChecksFailed.into(),
            deliverable: pull_request(&world, "main".to_owned()),
        }),
    ];
    nothing_changes(&world, &wrong).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_request_is_taken_only_from_the_runs_own_repository() {
    let world = World::start(IMPLEMENT).await;
    let web = world.github.git_url().to_string();
    let own = format!("{web}octo-demo/widgets/pull/8");
    let pull = |number, url: &str| {
        succeeded(Deliverable::PullRequest(PullRequest {
            number: ItemNumber(number),
            branch: world.run.head().branch(),
            url: url.to_owned(),
        }))
    };
    let wrong = [
        pull(0, &format!("{web}octo-demo/widgets/pull/0")),
        pull(9, &own),
        pull(8, &format!("{web}octo-demo/gadgets/pull/8")),
        pull(8, &format!("{web}somebody/widgets/pull/8")),
        pull(8, &format!("{own}/files")),
        pull(8, &format!("{own}?x=1")),
        pull(8, &format!("{own}#x")),
        pull(8, &format!("{web}octo-demo/widgets/../widgets/pull/8")),
        pull(8, &format!("{web}octo-demo/widgets/issues/8")),
        pull(8, "https://evil.example/octo-demo/widgets/pull/8"),
        pull(8, "javascript:alert(1)"),
        pull(8, ""),
    ];
    nothing_changes(&world, &wrong).await;
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    let capitals = format!("{}Octo-Demo/Widgets/pull/8", world.github.git_url());
    world.finish(&held, &pull(8, &capitals)).await.is_done();
}

/// GitHub's slowness is not the daemon's fault, and no reason to lose finished work.
#[tokio::test(flavor = "multi_thread")]
async fn a_finish_is_not_lost_when_github_does_not_answer() {
    let world = World::with_repository(IMPLEMENT).await;
    let held = world.lease("first").await;
    let slow = Fault::Slow(Duration::from_mins(10));
    let rule = FaultRule::new("/api/v3/repos/octo-demo/widgets/pulls/8", u32::MAX, slow);
    world.github.faults().add(rule);
    let request = succeeded(pull_request(&world, world.run.head().branch()));
    world.finish(&held, &request).await.is_done();
    assert_eq!(
        world.now().await.finished().unwrap().outcome,
        request.outcome
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_investigation_cannot_end_otherwise_than_its_verb_can() {
    let world = World::start(INVESTIGATE).await;
    let found = || succeeded(Deliverable::Findings);
    let wrong = [
        succeeded(pull_request(&world, world.run.head().branch())),
        found(),
        with(found(), ""),
        with(found(), &"x".repeat(FINDINGS_LIMIT + 1)),
        with(failed(FailureKind::NoFindings), "findings"),
        with(ended(Outcome::Cancelled), "findings"),
        with(ended(Outcome::Expired), "findings"),
    ];
    nothing_changes(&world, &wrong).await;
}

/// Each of these ends is refused without a trace.
async fn nothing_changes(world: &World, wrong: &[FinishRequest]) {
    let held = world.lease("first").await;
    let before = world.now().await;
    for request in wrong {
        let answer = world.finish(&held, request).await;
        answer.is_problem(422, &Slug::JOB_MISMATCH);
        assert_eq!(world.now().await, before, "{:?}", request.outcome);
        let kept = world.store.findings(&world.run.key()).await.unwrap();
        assert_eq!(kept, None, "{:?}", request.outcome);
    }
    world
        .finish(&held, &ended(Outcome::Cancelled))
        .await
        .is_done();
}
