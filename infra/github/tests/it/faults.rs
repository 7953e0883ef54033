//! Faults as a client meets them.

use std::time::{Duration, Instant};

use serde_json::json;
use switchyard_simgithub::{Fault, FaultRule};

use crate::support::{NOW, REPO, World};

const COMMENTS: &str = "/repos/octo/demo/issues/1/comments";
const PATTERN: &str = "/api/v3/repos/*/comments";

async fn with_fault(fault: Fault) -> (World, String) {
    let world = World::start().await;
    world
        .sim
        .open_issue(REPO, "ann", "t", "b")
        .await
        .expect("issue");
    let token = world.full_token().await;
    world
        .sim
        .faults()
        .add(FaultRule::new(PATTERN, 1, fault).method("POST"));
    (world, token)
}

async fn count(world: &World) -> usize {
    world.sim.comments(REPO, 1).await.expect("comments").len()
}

#[tokio::test]
async fn a_status_has_no_effect_and_is_spent() {
    let (world, token) = with_fault(Fault::Status(502)).await;
    assert_eq!(
        world.get(COMMENTS, &token).await.status,
        200,
        "another method is spared"
    );
    assert_eq!(
        world
            .post(COMMENTS, &token, json!({"body": "x"}))
            .await
            .status,
        502
    );
    assert_eq!(count(&world).await, 0);
    assert_eq!(
        world
            .post(COMMENTS, &token, json!({"body": "x"}))
            .await
            .status,
        201
    );
    let log = world.sim.requests();
    let posts: Vec<_> = log.iter().filter(|one| one.method == "POST").collect();
    assert_eq!(
        posts
            .iter()
            .map(|one| (one.status, one.faulted))
            .collect::<Vec<_>>(),
        [(502, true), (201, false)]
    );
}

#[tokio::test]
async fn the_secondary_limit_says_when_to_retry() {
    let retry_after = Some(Duration::from_secs(7));
    let (world, token) = with_fault(Fault::SecondaryLimit { retry_after }).await;
    let answer = world.post(COMMENTS, &token, json!({"body": "x"})).await;
    assert_eq!((answer.status, answer.header("retry-after")), (403, "7"));
    assert!(answer.message().contains("secondary rate limit"));
}

#[tokio::test]
async fn the_primary_limit_says_when_it_ends() {
    let reset = jiff::Timestamp::from_second(NOW + 99).expect("time");
    let (world, token) = with_fault(Fault::PrimaryLimit { reset }).await;
    let answer = world.post(COMMENTS, &token, json!({"body": "x"})).await;
    assert_eq!(
        (answer.status, answer.header("x-ratelimit-remaining")),
        (403, "0")
    );
    assert_eq!(answer.header("x-ratelimit-reset"), (NOW + 99).to_string());
}

#[tokio::test]
async fn a_slow_answer_comes_in_the_end() {
    let wait = Duration::from_millis(30);
    let (world, token) = with_fault(Fault::Slow(wait)).await;
    let started = Instant::now();
    assert_eq!(
        world
            .post(COMMENTS, &token, json!({"body": "x"}))
            .await
            .status,
        201
    );
    assert!(started.elapsed() >= wait);
}

#[tokio::test]
async fn a_dropped_connection_has_no_effect_and_a_lost_answer_has() {
    for (fault, effects) in [(Fault::Reset, 0), (Fault::LostAnswer, 1)] {
        let (world, token) = with_fault(fault).await;
        let url = format!("{}{COMMENTS}", world.sim.api_url());
        let request = world
            .client
            .post(url)
            .bearer_auth(token)
            .json(&json!({"body": "x"}));
        assert!(request.send().await.is_err(), "{fault:?}");
        assert_eq!(count(&world).await, effects, "{fault:?}");
        let logged = world.sim.requests().pop().expect("a request");
        assert_eq!((logged.status, logged.faulted), (0, true), "{fault:?}");
    }
}
