//! Answers that are lost, and a table that is out of reach.

use aws_local::{AwsError, Fault};
use contract::{Slug, worker::FinishRequest};
use domain::{Deliverable, Fence, Outcome, RunState};
use http::header::RETRY_AFTER;
use testkit::{IMPLEMENT, INVESTIGATE};

use crate::support::{GET, PUT, UNDER_LEASE, World, ended};

/// An error that no client tries again by itself.
fn final_error() -> AwsError {
    AwsError::new(400, "AccessDeniedException")
}

fn found() -> FinishRequest {
    FinishRequest {
        findings: Some("It is in `a.txt`.".to_owned()),
        ..ended(Outcome::Succeeded {
            deliverable: Deliverable::Findings,
        })
    }
}

/// The client asks the table again by itself, and its second try looks refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_of_the_table_is_not_even_noticed() {
    let world = World::start(INVESTIGATE).await;
    let faults = world.endpoints.faults();
    faults.add(Fault::lose_answer(PUT, AwsError::internal()));
    let held = world.lease("first").await;
    assert_eq!(faults.pending(), 0);
    for kind in ["FND#", "STP#", "RUN#"] {
        let lost = Fault::lose_answer(PUT, AwsError::internal());
        faults.add(lost.when(move |call| call["Item"]["sk"].to_string().contains(kind)));
    }
    world.finish(&held, &found()).await.is_done();
    assert_eq!(faults.pending(), 0);
    assert_eq!(world.now().await.state(), RunState::Succeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finish_whose_answer_was_lost_is_answered_when_repeated() {
    let sort_key = |call: &serde_json::Value| call["Item"]["sk"].to_string();
    for (put, ends_run) in [("FND#", false), ("STP#", false), ("RUN#", true)] {
        let world = World::start(INVESTIGATE).await;
        let held = world.lease("first").await;
        let faults = world.endpoints.faults();
        let lost = Fault::lose_answer(PUT, final_error());
        faults.add(lost.when(move |call| sort_key(call).contains(put)));
        let answer = world.finish(&held, &found()).await;
        answer.is_problem(503, &Slug::UNAVAILABLE);
        assert_eq!(faults.pending(), 0);
        assert_eq!(world.now().await.finished().is_some(), ends_run);

        world.finish(&held, &found()).await.is_done();
        let run = world.now().await;
        assert_eq!(run.state(), RunState::Succeeded);
        let other = world.finish(&held, &ended(Outcome::Cancelled)).await;
        other.is_problem(409, &Slug::JOB_FINISHED);
        let kept = world.store.findings(&world.run.key()).await.unwrap();
        assert_eq!(kept, found().findings);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_whose_answer_was_lost_is_answered_when_repeated() {
    let world = World::start(IMPLEMENT).await;
    let faults = world.endpoints.faults();
    faults.add(Fault::lose_answer(PUT, final_error()));
    world
        .claim("first")
        .await
        .is_problem(503, &Slug::UNAVAILABLE);
    assert_eq!(world.now().await.fence(), Fence(1));
    assert_eq!(world.lease("first").await.claimed.lease.fence, Fence(1));
}

/// Every call says that it can be made again, and nothing of why.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_out_of_reach_is_admitted_without_internals() {
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    let claim = world.claim_token();
    let faults = world.endpoints.faults();
    for error in [AwsError::internal(), final_error()] {
        faults.add(Fault::refuse(GET, error.clone()).times(usize::MAX));
        let calls = UNDER_LEASE.map(|call| (call, held.token.as_str()));
        for (call, token) in calls.into_iter().chain([("claim", claim.as_str())]) {
            let answer = world.call(call, token, &world.body(call)).await;
            let problem = answer.is_problem(503, &Slug::UNAVAILABLE);
            assert_eq!(answer.headers[RETRY_AFTER], "5", "{call}");
            let text = [problem.title, problem.detail, problem.solution].concat();
            for internal in ["Dynamo", "injected", &error.code, "table"] {
                assert!(!text.contains(internal), "{call}: {text}");
            }
        }
        faults.clear();
    }
    assert_eq!(world.now().await.fence(), Fence(1));
    let body = world.body("heartbeat");
    let answer = world.call("heartbeat", &held.token, &body).await;
    assert!(answer.status.is_success(), "it works again by itself");
}
