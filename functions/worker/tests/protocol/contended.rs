//! Calls that come between another one's look at the run and its write.

use aws_local::Fault;
use contract::{Slug, worker::FinishRequest};
use domain::{Deliverable, Fence, Outcome, StepAttempt};
use futures_util::future::join_all;
use http::StatusCode;
use testkit::{IMPLEMENT, INVESTIGATE};

use crate::support::{PUT, World, ended};

/// All of them have seen the job free before the first of them takes it.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_twenty_that_claim_at_once_gets_the_job() {
    const DAEMONS: usize = 20;
    let world = World::start(IMPLEMENT).await;
    let (hold, gate) = Fault::hold(PUT);
    world.endpoints.faults().add(hold.times(DAEMONS));
    let release = async {
        for _ in 0..DAEMONS {
            gate.reached().await;
        }
        for _ in 0..DAEMONS {
            gate.release();
        }
    };
    let names: Vec<String> = (0..DAEMONS).map(|i| format!("daemon-{i}")).collect();
    let claims = join_all(names.iter().map(|name| world.claim(name)));
    let (answers, ()) = tokio::join!(claims, release);
    let (granted, refused): (Vec<_>, Vec<_>) = answers
        .into_iter()
        .partition(|answer| answer.status == StatusCode::OK);
    assert_eq!((granted.len(), refused.len()), (1, DAEMONS - 1));
    for answer in refused {
        answer.is_problem(409, &Slug::JOB_LEASED);
    }
    assert_eq!(world.now().await.fence(), Fence(1));
}

fn found(text: &str) -> FinishRequest {
    FinishRequest {
        findings: Some(text.to_owned()),
        ..ended(Outcome::Succeeded {
            deliverable: Deliverable::Findings,
        })
    }
}

/// A daemon that was thought lost reports while its successor does; `writes` is how many of its writes get through
/// before that.
async fn a_zombie_reports(writes: usize) {
    let world = World::start(INVESTIGATE).await;
    let zombie = world.lease("zombie").await;
    let (hold, gate) = Fault::hold(PUT);
    world.endpoints.faults().add(hold.times(writes + 1));
    let report = found("old");
    let late = world.finish(&zombie, &report);
    let meanwhile = async {
        for _ in 0..writes {
            gate.reached().await;
            gate.release();
        }
        gate.reached().await;
        world.advance(StepAttempt::LEASE);
        let successor = world.lease("successor").await;
        world.finish(&successor, &found("new")).await.is_done();
        gate.release();
    };
    let (answer, ()) = tokio::join!(late, meanwhile);
    answer.is_problem(409, &Slug::LEASE_STALE);
    let kept = world.store.findings(&world.run.key()).await.unwrap();
    assert_eq!(kept.as_deref(), Some("new"));
    assert_eq!(world.now().await.fence(), Fence(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zombie_does_not_overwrite_what_its_successor_found() {
    a_zombie_reports(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zombie_does_not_end_what_its_successor_ended() {
    a_zombie_reports(1).await;
}
