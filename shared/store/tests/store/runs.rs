//! Runs against a real DynamoDB endpoint.

use crate::support::{TABLE, World, at, connection, run, stop_request, world};
use aws_local::{AwsError, Fault};
use domain::{
    Cause, Cost, DaemonId, Deliverable, End, FailureKind, GiveBack, ItemNumber, MessageId, Origin,
    Outcome, PullRequest, RequestTime, Run, RunSequence, Spent, Trigger, Usage,
};
use store::{Created, Due, StoreError};
use testkit::{IMPLEMENT, INVESTIGATE};

fn daemon() -> DaemonId {
    "daemon-1".parse().unwrap()
}

/// A run in every state it can be stored in.
fn every_state() -> Vec<Run> {
    let queued = run(RunSequence::FIRST, 1);
    let mut running = queued.clone();
    running.claim(&daemon(), at(1)).unwrap();
    running.announced(MessageId::from(5));
    let mut stopping = running.clone();
    stopping.stop(&stop_request("stop-1", 2), at(2));
    let mut succeeded = running.clone();
    let pull = PullRequest {
        number: ItemNumber(43),
        branch: succeeded.branch(),
        url: "https://github.com/octo-demo-organisation/widgets-of-a-longer-name/pull/43"
            .to_owned(),
    };
    let deliverable = Deliverable::PullRequest(pull);
    let outcome = Outcome::Succeeded { deliverable };
    let spent = Spent {
        cost: Some(Cost(1_234_567)),
        usage: Some(Usage::default()),
    };
    let end = End {
        outcome,
        spent,
        revision: Some("a1b2c3d4".repeat(5).parse().unwrap()),
    };
    succeeded.finish(running.fence(), end, at(3)).unwrap();
    succeeded.reported(MessageId::from(5));
    let mut failed = running.clone();
    let failure = FailureKind::NoChange.into();
    failed
        .finish(running.fence(), Outcome::Failed { failure }.into(), at(3))
        .unwrap();
    let mut expired = queued.clone();
    expired.due(expired.deadline);
    let mut unreachable = failed.clone();
    unreachable.due(at(200_000));
    vec![
        queued,
        running,
        stopping,
        succeeded,
        failed,
        expired,
        unreachable,
    ]
}

#[tokio::test]
async fn a_run_survives_storage_in_every_state() {
    for wanted in every_state() {
        let world = world().await;
        let store = &world.store;
        store.create_run(&wanted).await.unwrap();
        assert_eq!(
            store.run(&wanted.key()).await.unwrap().as_ref(),
            Some(&wanted)
        );
    }
}

#[tokio::test]
async fn a_run_survives_storage_whatever_caused_it_and_wherever_its_code_is() {
    let (world, first) = (world().await, run(RunSequence::FIRST, 1));
    let id = || "guid".parse().unwrap();
    let delivered = |trigger| Cause::Delivery { id: id(), trigger };
    let causes = [
        delivered(Trigger::Message(MessageId::from(9))),
        delivered(Trigger::Label),
        delivered(Trigger::Text),
        Cause::ApiRequest("key-1".parse().unwrap()),
        Cause::ScheduleSlot {
            schedule: "nightly".parse().unwrap(),
            slot: at(60),
        },
        Cause::ParentStep {
            run: Box::new(first.key()),
            step: first.step.id,
        },
    ];
    let other = testkit::connection("acme", 8);
    let revision = Some("a1b2c3d4".repeat(5).parse().unwrap());
    // In the subject's own repository, in another one of its connection, and somewhere else altogether.
    let beside = testkit::code(first.subject.connection(), &testkit::widgets(9));
    let elsewhere = testkit::code(&other, &testkit::widgets(9)).at(revision);
    let targets = [first.target.clone(), beside, elsewhere];
    for (sequence, (cause, target)) in (1..).zip(causes.into_iter().zip(targets.iter().cycle())) {
        let mut wanted = run(RunSequence(sequence), sequence.into());
        let (requester, trace) = (testkit::requester("ada"), wanted.origin.trace().clone());
        wanted.origin = Origin::new(cause, requester, RequestTime::of(at(5)), trace);
        wanted.target = target.clone();
        world.store.create_run(&wanted).await.unwrap();
        let stored = world.store.run(&wanted.key()).await.unwrap();
        assert_eq!(stored.as_ref(), Some(&wanted));
    }
}

#[tokio::test]
async fn every_transition_is_one_write_unit() {
    let World {
        store, endpoints, ..
    } = world().await;
    let states = every_state();
    store.create_run(&states[0]).await.unwrap();
    for next in &states[1..4] {
        endpoints.meter().reset();
        let wanted = next.clone();
        store
            .change_run(&next.key(), |run| *run = wanted.clone())
            .await
            .unwrap();
        let counts = endpoints.meter().counts();
        let table = &counts.dynamodb_resources[TABLE];
        assert!(
            (table.write - 1.0).abs() < f64::EPSILON,
            "{:?}: {table:?}",
            next.state()
        );
    }
}

#[tokio::test]
async fn of_many_that_want_one_place_one_gets_it() {
    let world = world().await;
    let store = &world.store;
    let tries = (1..=20).map(|seed| {
        let store = store.clone();
        tokio::spawn(async move {
            store
                .create_run(&run(RunSequence::FIRST, seed))
                .await
                .unwrap()
        })
    });
    let mut created = 0;
    for one in tries.collect::<Vec<_>>() {
        created += u32::from(matches!(one.await.unwrap(), Created::New));
    }
    assert_eq!(created, 1);
}

#[tokio::test]
async fn changes_at_the_same_time_are_all_kept() {
    let world = world().await;
    let store = &world.store;
    let first = run(RunSequence::FIRST, 1);
    store.create_run(&first).await.unwrap();
    let tries = (0..5).map(|_| {
        let (store, key) = (store.clone(), first.key());
        tokio::spawn(async move {
            let add = |run: &mut Run| {
                let domain::JobState::Queued(wait) = &mut run.step.job.state else {
                    panic!("not queued")
                };
                wait.resends += 1;
            };
            store.change_run(&key, add).await.unwrap();
        })
    });
    for one in tries.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    let stored = store.run(&first.key()).await.unwrap().unwrap();
    assert_eq!(
        stored.step.job.state,
        domain::JobState::Queued(domain::Wait {
            resends: 5,
            given_back: None
        })
    );
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_counts_once() {
    let World {
        store, endpoints, ..
    } = world().await;
    let first = run(RunSequence::FIRST, 1);
    let lose = || Fault::lose_answer("DynamoDB_20120810.PutItem", AwsError::internal());
    endpoints.faults().add(lose());
    assert!(matches!(
        store.create_run(&first).await.unwrap(),
        Created::New
    ));
    endpoints.faults().add(lose());
    let key = first.key();
    let (_, claimed) = store
        .change_run(&key, |run| run.claim(&daemon(), at(1)))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(claimed.unwrap().fence.0, 1);
    assert_eq!(store.run(&key).await.unwrap().unwrap().fence().0, 1);
}

#[tokio::test]
async fn the_newest_runs_come_first() {
    let world = world().await;
    let store = &world.store;
    for sequence in 1..=12 {
        store
            .create_run(&run(RunSequence(sequence), sequence.into()))
            .await
            .unwrap();
    }
    let subject = run(RunSequence::FIRST, 1).subject.key();
    let newest = store.newest_runs(&subject, IMPLEMENT, 3).await.unwrap();
    assert_eq!(
        newest.iter().map(|run| run.sequence.0).collect::<Vec<_>>(),
        [12, 11, 10]
    );
    assert!(
        store
            .newest_runs(&subject, INVESTIGATE, 3)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn only_what_is_due_is_found() {
    let world = world().await;
    let store = &world.store;
    let first = run(RunSequence::FIRST, 1);
    store.create_run(&first).await.unwrap();
    assert_eq!(store.due(at(119), 10).await.unwrap(), []);
    assert_eq!(
        store.due(at(120), 10).await.unwrap(),
        [Due::Run(first.key())]
    );
    store
        .change_run(&first.key(), |run| run.due_at = None)
        .await
        .unwrap();
    assert_eq!(store.due(at(999), 10).await.unwrap(), []);
}

#[tokio::test]
async fn a_corrupt_record_is_named_and_left_alone() {
    let World {
        store,
        client,
        endpoints: _endpoints,
    } = world().await;
    let first = run(RunSequence::FIRST, 1);
    store.create_run(&first).await.unwrap();
    let pk = format!("TKT#ten_acme#{}#771200345/42", connection().id());
    client
        .update_item()
        .table_name(TABLE)
        .key("pk", s(&pk))
        .key("sk", s("RUN#implement##000001"))
        .update_expression("SET told = :told")
        .expression_attribute_values(":told", s("reported"))
        .send()
        .await
        .unwrap();
    let error = store.run(&first.key()).await.unwrap_err();
    let StoreError::Corrupt { key, what } = error else {
        panic!("{error}")
    };
    assert_eq!(key, format!("{pk}/RUN#implement##000001"));
    assert!(what.contains("Reported"), "{what}");
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_unavailable() {
    let World {
        store, endpoints, ..
    } = world().await;
    endpoints.shutdown().await;
    let error = store
        .run(&run(RunSequence::FIRST, 1).key())
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
}

fn s(text: &str) -> aws_sdk_dynamodb::types::AttributeValue {
    aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned())
}

#[tokio::test]
async fn a_job_that_was_given_back_is_kept_with_its_reason_and_its_losses() {
    let world = world().await;
    let store = &world.store;
    let mut given_back = run(RunSequence::FIRST, 1);
    given_back.claim(&daemon(), at(1)).unwrap();
    let fence = given_back.claim(&daemon(), at(200)).unwrap().fence;
    let until = Some(at(900));
    given_back
        .release(fence, GiveBack::ModelLimited, until, at(210))
        .unwrap();
    store.create_run(&given_back).await.unwrap();
    let read = store.run(&given_back.key()).await.unwrap();
    assert_eq!(read.as_ref(), Some(&given_back));

    let mut run = read.unwrap();
    let lease = run.claim(&daemon(), at(900)).unwrap();
    assert_eq!((lease.fence.0, run.step.job.leases.lost), (3, 1));
    let again = |stored: &mut Run| *stored = run.clone();
    store.change_run(&given_back.key(), again).await.unwrap();
    assert_eq!(store.run(&given_back.key()).await.unwrap(), Some(run));
}
