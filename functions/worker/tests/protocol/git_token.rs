//! Credentials for the repository.

use std::collections::BTreeMap;

use contract::{
    Slug,
    worker::{GitAccess, GitToken, TokenSource},
};
use domain::{DefinitionName, Fence, RunHead, StepAttempt};
use secrecy::ExposeSecret;
use serde_json::json;
use simgithub::MintedToken;
use testkit::{
    IMPLEMENT, INVESTIGATE,
    runs::{change_run, change_step, stop_request, stopped},
};

use crate::support::World;

const READ: [(&str, &str); 4] = [
    ("contents", "read"),
    ("issues", "read"),
    ("metadata", "read"),
    ("pull_requests", "read"),
];

async fn minted(world: &World) -> Vec<MintedToken> {
    world.github.tokens_minted().await.unwrap()
}

/// The one token that a job of this definition gets is for its repository and may do `permissions` alone.
async fn may_only(name: DefinitionName, access: GitAccess, permissions: &[(&str, &str)]) {
    let world = World::with_repository(name).await;
    let files = [("README.md", "# Another one\n")];
    let another = world
        .github
        .create_repository("octo-demo", "gadgets", &files);
    another.await.unwrap();
    let held = world.lease("first").await;
    assert!(minted(&world).await.is_empty(), "not before it is needed");
    let asked = json!({ "access": access });
    let answer = world.call("git-token", &held.token, &asked).await;
    let token: GitToken = answer.ok();
    assert!(!token.token.expose_secret().is_empty());
    assert!(token.expires_at > world.clock.now());

    let all = minted(&world).await;
    let [one] = &all[..] else {
        panic!("one was asked for: {all:?}");
    };
    let owned = |(name, level): &(&str, &str)| ((*name).to_owned(), (*level).to_owned());
    let expected: BTreeMap<_, _> = permissions.iter().map(owned).collect();
    assert_eq!(one.permissions, expected);
    let (code, installation) = (world.run.head().target(), one.installation_id.into());
    let repositories = code.repository().id.number().map(|id| vec![id]);
    assert_eq!(one.repositories, repositories);
    assert_eq!(code.connection().installation(), installation);
    assert_eq!(one.expires_at, token.expires_at);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_investigation_may_read_its_repository() {
    // What is asked for beyond that is not given.
    for access in [GitAccess::Read, GitAccess::Write] {
        may_only(INVESTIGATE, access, &READ).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_implementation_may_write_its_repository() {
    let permissions = [
        ("contents", "write"),
        ("metadata", "read"),
        ("pull_requests", "write"),
    ];
    may_only(IMPLEMENT, GitAccess::Write, &permissions).await;
    may_only(IMPLEMENT, GitAccess::Read, &READ).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_minted_for_whoever_has_no_lease() {
    let world = World::with_repository(IMPLEMENT).await;
    let old = world.lease("first").await;
    world.advance(StepAttempt::LEASE);
    world.lease("second").await;
    let stale = world.call("git-token", &old.token, &json!({})).await;
    stale.is_problem(409, &Slug::LEASE_STALE);
    let claim = world.claim_token();
    let unleased = world.call("git-token", &claim, &json!({})).await;
    unleased.is_problem(401, &Slug::UNAUTHORIZED);
    assert!(minted(&world).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_was_taken_away_is_out_of_reach() {
    let world = World::with_repository(IMPLEMENT).await;
    let held = world.lease("first").await;
    let name = crate::support::REPOSITORY;
    world.github.set_installed(name, false).await.unwrap();
    let answer = world.call("git-token", &held.token, &json!({})).await;
    answer.is_problem(403, &Slug::REPOSITORY_REFUSED);
    assert!(!answer.body.contains("octo-demo"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_minted_for_work_that_is_to_stop_or_under_a_lease_that_ran_out() {
    let asked = json!({});
    let world = World::with_repository(IMPLEMENT).await;
    let held = world.lease("first").await;
    let now = world.clock.now();
    let request = stop_request(now);
    let stop = |run: &_| stopped(run, &request, now);
    change_run(&world.store, &world.run.key(), stop).await;
    let answer = world.call("git-token", &held.token, &asked).await;
    answer.is_problem(409, &Slug::JOB_CANCELLED);
    assert!(minted(&world).await.is_empty());

    let world = World::with_repository(IMPLEMENT).await;
    let held = world.lease("first").await;
    // Its heartbeats keep the lease, and its time is up.
    let late = now + RunHead::LIFETIME;
    let keep = |step: StepAttempt| step.heartbeat(Fence(1), late).unwrap().1.unwrap();
    change_step(&world.store, &world.run.key(), keep).await;
    world.advance(RunHead::LIFETIME);
    let answer = world.call("git-token", &held.token, &asked).await;
    answer.is_problem(409, &Slug::JOB_EXPIRED);
    assert!(minted(&world).await.is_empty());

    let world = World::with_repository(IMPLEMENT).await;
    let held = world.lease("first").await;
    world.advance(StepAttempt::LEASE);
    let answer = world.call("git-token", &held.token, &asked).await;
    answer.is_problem(409, &Slug::LEASE_STALE);
    assert!(minted(&world).await.is_empty());
}

/// The settings with a token of the operator's for these owners.
fn operators(owners: &str) -> [(&str, &str); 2] {
    [
        ("SWITCHYARD_GITHUB_TOKEN", "gho_operators"),
        ("SWITCHYARD_ALLOWED_OWNERS", owners),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_the_operators_takes_the_place_of_the_apps() {
    let world = World::with_settings(IMPLEMENT, &operators("Octo-Demo")).await;
    let held = world.lease("first").await;
    for access in [GitAccess::Read, GitAccess::Write] {
        let asked = json!({ "access": access });
        let answer = world.call("git-token", &held.token, &asked).await;
        let token: GitToken = answer.ok();
        assert_eq!(token.token.expose_secret(), "gho_operators");
        assert_eq!(token.source, TokenSource::Operator);
        assert_eq!(token.expires_at, world.run.head().deadline());
    }
    assert!(minted(&world).await.is_empty());
    // Who may have the app's may have this one, and nobody else.
    world.advance(StepAttempt::LEASE);
    let stale = world.call("git-token", &held.token, &json!({})).await;
    stale.is_problem(409, &Slug::LEASE_STALE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_the_operators_is_for_the_one_owner() {
    let world = World::with_settings(IMPLEMENT, &operators("somebody-else")).await;
    let held = world.lease("first").await;
    let answer = world.call("git-token", &held.token, &json!({})).await;
    answer.is_problem(403, &Slug::REPOSITORY_REFUSED);
    assert!(!answer.body.contains("gho_operators"), "{}", answer.body);
}

#[tokio::test]
async fn without_exactly_one_owner_a_token_of_the_operators_is_refused() {
    for (owners, count) in [("", "0 are allowed"), ("octo-demo,other", "2 are allowed")] {
        let error = crate::support::refused(&operators(owners));
        for said in ["SWITCHYARD_GITHUB_TOKEN", count, "Allow exactly one owner"] {
            assert!(error.contains(said), "{error}");
        }
        assert!(!error.contains("gho_operators"), "{error}");
    }
}
