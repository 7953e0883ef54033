//! Who may call.

use aws_local::{AwsError, Fault};
use axum::body::Body;
use contract::{JobRef, Problem, Slug};
use domain::{Fence, JobId, RunHead, RunSequence, SeededRandom};
use http::{HeaderValue, Request, header};
use jiff::SignedDuration;
use runs::Grant;
use serde_json::json;
use testkit::IMPLEMENT;

use crate::{
    answer::Answer,
    support::{DAEMON_KEY, GET, KEY, OLD_DAEMON_KEY, OLD_KEY, UNDER_LEASE, World, post, sign},
};

const CALLS: [&str; 6] = [
    "claim",
    "heartbeat",
    "events",
    "git-token",
    "finish",
    "release",
];

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

/// What whoever is refused learns, but for the name of the request.
fn refused(answer: &Answer) -> Problem {
    let mut problem = answer.is_problem(401, &Slug::UNAUTHORIZED);
    problem.request_id = None;
    problem
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
    let world = World::start(IMPLEMENT).await;
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
    for (call, case, problem) in answers {
        assert_eq!(problem, first, "{call}, {case}, must not be told apart");
    }
    assert_eq!(world.now().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_for_its_purpose_only() {
    let world = World::start(IMPLEMENT).await;
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
    let world = World::start(IMPLEMENT).await;
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
    let (job, until) = (
        JobRef {
            job,
            run,
            step: RunHead::only_step(),
        },
        world.run.head().deadline(),
    );
    if call == "claim" {
        Grant::Claim { job, until }
    } else {
        let daemon = "first".parse().unwrap();
        Grant::Work {
            job,
            fence: Fence(1),
            daemon,
            trace: world.run.origin().trace().clone(),
            until,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_token_ends_with_its_time() {
    let world = World::start(IMPLEMENT).await;
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
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    let beat = world.body("heartbeat");
    world.advance(RunHead::LIFETIME + SignedDuration::from_secs(10 * 60 - 1));
    let answer = world.call("heartbeat", &held.token, &beat).await;
    assert!(answer.status.is_success(), "{answer:?}");
    world.advance(SignedDuration::from_secs(1));
    refused(&world.call("heartbeat", &held.token, &beat).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_before_still_opens_and_a_foreign_key_does_not() {
    let world = World::start(IMPLEMENT).await;
    let (job, until) = (world.job(), world.run.head().deadline());
    let grant = Grant::Claim { job, until };
    let claim = async |key| {
        let token = sign(key, &grant);
        let body = world.proven("first", &token, DAEMON_KEY);
        world.call("claim", &token, &body).await
    };
    for key in ["", "0123456789abcdef0123456789abcdeF", "guess"] {
        refused(&claim(key).await);
    }
    assert_eq!(world.now().await, world.run);
    let answer = claim(OLD_KEY).await;
    assert!(answer.status.is_success(), "{answer:?}");
}

/// What somebody has who reads the queue, such as an agent with the task's credentials: the job's message.
#[tokio::test(flavor = "multi_thread")]
async fn the_messages_token_alone_gives_nothing() {
    let world = World::start(IMPLEMENT).await;
    let token = world.claim_token();
    let proven = |token: &str, key: &str| {
        let request = world.proven("first", token, key);
        serde_json::to_value(request).unwrap()
    };
    let good = proven(&token, DAEMON_KEY);
    let of_another_daemon = {
        let mut request = good.clone();
        request["daemon"] = "second".into();
        request
    };
    let made_later = {
        let mut request = good.clone();
        request["proof"]["at"] = (world.clock.now() + SignedDuration::from_secs(1))
            .to_string()
            .into();
        request
    };
    let of_another_job = {
        let other = JobId::mint(world.clock.now(), &SeededRandom::new(9));
        let request = world.proven_for(other, "first", &token, DAEMON_KEY);
        serde_json::to_value(request).unwrap()
    };
    let cases = [
        json!({ "daemon": "first" }),
        json!({ "daemon": "first", "proof": null }),
        json!({ "daemon": "first", "proof": { "at": world.clock.now(), "mac": "" } }),
        proven(&token, "guess"),
        proven(&token, KEY),
        proven(&sign(OLD_KEY, &claim_grant(&world)), DAEMON_KEY),
        of_another_daemon,
        of_another_job,
        made_later,
    ];
    let table = world.endpoints.faults();
    table.add(Fault::refuse(GET, AwsError::internal()).times(usize::MAX));
    for body in &cases {
        let answer = world.call("claim", &token, body).await;
        answer.is_problem(401, &Slug::DAEMON_UNPROVEN);
    }
    // Nothing was looked up for any of them, and the right one still works.
    table.clear();
    assert_eq!(world.now().await, world.run);
    let answer = world.call("claim", &token, &good).await;
    assert!(answer.status.is_success(), "{answer:?}");
}

fn claim_grant(world: &World) -> Grant {
    Grant::Claim {
        job: world.job(),
        until: world.run.head().deadline(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_with_the_key_before_is_still_known_and_a_clock_may_be_off_by_minutes() {
    let world = World::start(IMPLEMENT).await;
    let token = world.claim_token();
    let [old, stale] = [(); 2].map(|()| world.proven("first", &token, OLD_DAEMON_KEY));
    world.advance(SignedDuration::from_mins(5));
    let answer = world.call("claim", &token, &old).await;
    assert!(answer.status.is_success(), "{answer:?}");
    world.advance(SignedDuration::from_secs(1));
    let answer = world.call("claim", &token, &stale).await;
    let problem = answer.is_problem(401, &Slug::DAEMON_UNPROVEN);
    assert!(
        problem.detail.contains(&world.clock.now().to_string()),
        "{problem:?}"
    );
}
