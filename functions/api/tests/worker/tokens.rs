//! Who may call.

use app::Grant;
use axum::body::Body;
use contract::{JobRef, Slug};
use domain::{Fence, JobId, Run, RunSequence, SeededRandom, Verb};
use http::{HeaderValue, Request, header};
use jiff::SignedDuration;

use crate::{
    answer::Answer,
    support::{KEY, OLD_KEY, UNDER_LEASE, World, post, sign},
};

const CALLS: [&str; 5] = ["claim", "heartbeat", "events", "git-token", "finish"];

/// A request for `call` with these headers of authorisation.
fn request(world: &World, call: &str, headers: &[HeaderValue]) -> Request<Body> {
    let mut request = post(&world.path(call), "", world.body(call).to_string());
    request.headers_mut().remove(header::AUTHORIZATION);
    for value in headers {
        request
            .headers_mut()
            .append(header::AUTHORIZATION, value.clone());
    }
    request
}

fn refused(answer: &Answer) -> String {
    answer.is_problem(401, &Slug::UNAUTHORIZED);
    answer.body.clone()
}

/// Ways to spoil a header that holds `token`.
fn spoilt(token: &str) -> Vec<(&'static str, Vec<HeaderValue>)> {
    let text = |text: &str| HeaderValue::from_str(text).unwrap();
    let good = text(&format!("Bearer {token}"));
    let (grant, mac) = token.split_once('.').unwrap();
    let mut middle = token.as_bytes().to_vec();
    let at = middle.len() / 3;
    middle[at] = if middle[at] == b'A' { b'B' } else { b'A' };
    let middle = String::from_utf8(middle).unwrap();
    let foreign = HeaderValue::from_bytes(b"Bearer \xfe\xff").unwrap();
    vec![
        ("missing", vec![]),
        ("empty", vec![text("")]),
        ("doubled", vec![good.clone(), good.clone()]),
        ("one good, one not", vec![good, text("Bearer x")]),
        ("only the scheme", vec![text("Bearer")]),
        ("no token", vec![text("Bearer ")]),
        ("no scheme", vec![text(token)]),
        ("another scheme", vec![text(&format!("Basic {token}"))]),
        ("not text", vec![foreign]),
        ("no signature", vec![text(&format!("Bearer {grant}"))]),
        ("empty signature", vec![text(&format!("Bearer {grant}."))]),
        ("only the signature", vec![text(&format!("Bearer .{mac}"))]),
        (
            "cut short",
            vec![text(&format!("Bearer {}", &token[..token.len() - 2]))],
        ),
        ("longer", vec![text(&format!("Bearer {token}A"))]),
        (
            "one character changed",
            vec![text(&format!("Bearer {middle}"))],
        ),
        (
            "joined as a gateway would",
            vec![text(&format!("Bearer {token},Bearer {token}"))],
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_shows_no_good_token_learns_and_changes_nothing() {
    let world = World::start(Verb::Implement).await;
    let held = world.lease("first").await;
    let before = world.now().await;
    let claim = world.claim_token();
    let mut answers = Vec::new();
    for call in CALLS {
        let token = if call == "claim" { &claim } else { &held.token };
        for (case, headers) in spoilt(token) {
            let answer = world.send(request(&world, call, &headers)).await;
            answers.push((call, case, refused(&answer)));
        }
    }
    let first = answers[0].2.clone();
    for (call, case, body) in answers {
        assert_eq!(body, first, "{call}, {case}, must not be told apart");
    }
    assert_eq!(world.now().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_for_its_purpose_only() {
    let world = World::start(Verb::Implement).await;
    let held = world.lease("first").await;
    let claim = world.claim_token();
    let body = world.body("claim");
    refused(&world.call("claim", &held.token, &body).await);
    for call in UNDER_LEASE {
        refused(&world.call(call, &claim, &world.body(call)).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_for_its_job_only() {
    let world = World::start(Verb::Implement).await;
    let held = world.lease("first").await;
    let claim = world.claim_token();
    let before = world.now().await;
    let other = JobId::mint(world.clock.now(), &SeededRandom::new(9));
    for call in CALLS {
        let token = if call == "claim" { &claim } else { &held.token };
        let path = format!("/worker/v1/jobs/{other}/{call}");
        let request = post(&path, token, world.body(call).to_string());
        refused(&world.send(request).await);

        // A token for another job does not open the path of this one either.
        let token = sign(KEY, &grant(&world, call, other));
        refused(&world.call(call, &token, &world.body(call)).await);
    }
    assert_eq!(world.now().await, before);
}

/// What `call` needs, for a job of another run.
fn grant(world: &World, call: &str, job: JobId) -> Grant {
    let mut run = world.run.key();
    run.sequence = RunSequence(2);
    let (job, until) = (JobRef { job, run }, world.run.deadline);
    if call == "claim" {
        Grant::Claim { job, until }
    } else {
        let daemon = "first".parse().unwrap();
        Grant::Work {
            job,
            fence: Fence(1),
            daemon,
            until,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_token_ends_with_its_time() {
    let world = World::start(Verb::Implement).await;
    let until = world.clock.now() + SignedDuration::from_secs(60);
    let job = world.job();
    let token = sign(KEY, &Grant::Claim { job, until });
    world.advance(SignedDuration::from_secs(60));
    let body = world.body("claim");
    refused(&world.call("claim", &token, &body).await);
    assert_eq!(world.now().await, world.run);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_token_outlives_the_deadline_by_ten_minutes() {
    let world = World::start(Verb::Implement).await;
    let held = world.lease("first").await;
    let beat = world.body("heartbeat");
    world.advance(Run::LIFETIME + SignedDuration::from_secs(10 * 60 - 1));
    let answer = world.call("heartbeat", &held.token, &beat).await;
    assert!(answer.status.is_success(), "{answer:?}");
    world.advance(SignedDuration::from_secs(1));
    refused(&world.call("heartbeat", &held.token, &beat).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_before_still_opens_and_a_foreign_key_does_not() {
    let world = World::start(Verb::Implement).await;
    let (job, until) = (world.job(), world.run.deadline);
    let grant = Grant::Claim { job, until };
    let body = world.body("claim");
    for key in ["", "0123456789abcdef0123456789abcdeF", "guess"] {
        refused(&world.call("claim", &sign(key, &grant), &body).await);
    }
    assert_eq!(world.now().await, world.run);
    let answer = world.call("claim", &sign(OLD_KEY, &grant), &body).await;
    assert!(answer.status.is_success(), "{answer:?}");
}
