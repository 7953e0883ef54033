//! Heads of runs, what they wait for, and where they are told, against a real DynamoDB endpoint.

use crate::support::{TABLE, World, at, connection, head, order, stop_request, world};
use aws_local::{AwsError, Fault};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    Claimed, Control, HeadVersion, MessageId, NodePath, Outcome, PosterId, RunHead, RunSequence,
    StepAttempt, StepFinished, StepRef, TrackingPlace, TrackingState,
};
use store::{Due, DueLook, HeadWritten, Prepared, Store, StoreError, Swap};
use testkit::IMPLEMENT;

/// A head that waits for its step, and the step as it was prepared.
fn begun(head: &RunHead) -> (RunHead, StepAttempt) {
    let advance = head.advance(None, None, at(1));
    (advance.commit.unwrap(), advance.prepare.unwrap())
}

fn leased(step: StepAttempt) -> StepAttempt {
    let daemon = "daemon-1".parse().unwrap();
    match step.claim(&daemon, at(2)) {
        Claimed::Leased(step, _) => step,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn of_many_that_want_one_place_one_gets_it() {
    let world = world().await;
    let store = &world.store;
    let tries = (1..=20).map(|seed| {
        let store = store.clone();
        tokio::spawn(async move {
            let head = head(RunSequence::FIRST, seed);
            (store.put_head(&head).await.unwrap(), head)
        })
    });
    let (mut written, mut refused) = (Vec::new(), Vec::new());
    for one in tries.collect::<Vec<_>>() {
        match one.await.unwrap() {
            (HeadWritten::Written, head) => written.push(head),
            (other, _) => refused.push(other),
        }
    }
    let [winner] = &written[..] else {
        panic!("one of them gets it: {written:?}");
    };
    let there = HeadWritten::Newer(Box::new(winner.clone()));
    assert!(refused.iter().all(|found| *found == there));
    assert_eq!(
        store.head(&winner.key()).await.unwrap().as_ref(),
        Some(winner)
    );
}

#[tokio::test]
async fn of_two_commits_on_one_version_one_counts() {
    let world = world().await;
    let (store, put) = (&world.store, head(RunSequence::FIRST, 1));
    assert_eq!(
        store.commit_head(&begun(&put).0).await.unwrap(),
        HeadWritten::Gone
    );
    store.put_head(&put).await.unwrap();
    let stop = Control::Stop(stop_request("stop", 5));
    let stopped = put.advance(None, Some(stop), at(1)).commit.unwrap();
    assert_eq!(
        store.commit_head(&stopped).await.unwrap(),
        HeadWritten::Written
    );
    let there = HeadWritten::Newer(Box::new(stopped.clone()));
    assert_eq!(store.commit_head(&begun(&put).0).await.unwrap(), there);
    let told = stopped.all_told().unwrap();
    assert_eq!(store.move_head(&told).await.unwrap(), HeadWritten::Written);
    assert_eq!(store.head(&put.key()).await.unwrap(), Some(told));
}

#[tokio::test]
async fn the_newest_heads_come_first_and_each_is_found_by_its_id_in_its_own_tenant() {
    let world = world().await;
    let store = &world.store;
    let mut heads = Vec::new();
    for number in 1..=12 {
        let head = head(RunSequence(number), number.into());
        store.put_head(&head).await.unwrap();
        heads.insert(0, head);
    }
    let subject = heads[0].subject().key();
    let newest = store.newest_heads(&subject, IMPLEMENT, 3).await.unwrap();
    assert_eq!(newest, heads[..3]);
    assert_eq!(
        store.heads_since(&subject, IMPLEMENT, at(0)).await.unwrap(),
        heads
    );
    assert_eq!(
        store.heads_since(&subject, IMPLEMENT, at(1)).await.unwrap(),
        heads[..5]
    );
    let tenant = subject.tenant();
    for head in &heads {
        let found = store.find_run(tenant, head.id()).await.unwrap();
        assert_eq!(found, Some(head.key()));
    }
    let other = "ten_other".parse().unwrap();
    assert_eq!(store.find_run(&other, heads[0].id()).await.unwrap(), None);
    assert_eq!(store.list_runs(&other, 10).await.unwrap(), []);
    assert_eq!(store.list_runs(tenant, 10).await.unwrap().len(), 10);
}

async fn prepared(store: &Store, head: &RunHead, step: &StepAttempt) -> Prepared {
    store.prepare_step(&head.key(), step).await.unwrap()
}

#[tokio::test]
async fn a_step_is_prepared_over_an_older_one_that_has_not_begun_and_over_no_other() {
    let world = world().await;
    let (store, head) = (&world.store, head(RunSequence::FIRST, 1));
    let (waiting, first) = begun(&head);
    assert_eq!(prepared(store, &head, &first).await, Prepared::Ready);
    assert_eq!(
        prepared(store, &head, &first).await,
        Prepared::Ready,
        "again"
    );
    let on = |basis, seed| {
        let run = order(seed).id;
        StepAttempt::prepared(first.id().clone(), run, HeadVersion(basis), at(120))
    };
    assert_eq!(prepared(store, &head, &on(1, 2)).await, Prepared::Differs);
    // What an orphan has left is overwritten by a later attempt at the same.
    assert_eq!(prepared(store, &head, &on(2, 2)).await, Prepared::Ready);
    assert_eq!(prepared(store, &head, &first).await, Prepared::Overtaken);
    let key = waiting.key();
    let read = store.step(&key, first.id()).await.unwrap().unwrap();
    assert_eq!(read.value(), &on(2, 2));
    let begun = leased(read.value().clone());
    store.swap_step(&key, &read, begun).await.unwrap();
    assert_eq!(prepared(store, &head, &on(3, 2)).await, Prepared::Overtaken);
    let second = StepRef {
        path: NodePath::work(),
        attempt: 2,
    };
    assert_eq!(store.step(&key, &second).await.unwrap(), None);
}

#[tokio::test]
async fn of_two_changes_of_one_step_one_counts() {
    let world = world().await;
    let (store, head) = (&world.store, head(RunSequence::FIRST, 1));
    let (key, step) = (head.key(), begun(&head).1);
    prepared(store, &head, &step).await;
    let read = store.step(&key, step.id()).await.unwrap().unwrap();
    let claimed = leased(step.clone());
    let Swap::Written(taken) = store.swap_step(&key, &read, claimed.clone()).await.unwrap() else {
        panic!("nobody else has changed it");
    };
    let domain::Closed::Now(closed) = step.close(Outcome::Cancelled, at(3)) else {
        panic!("as it was read, nobody is at work");
    };
    let lost = store.swap_step(&key, &read, closed).await.unwrap();
    assert_eq!(lost, Swap::Newer(taken.clone()));
    let end = claimed
        .clone()
        .finish(claimed.fence(), Outcome::Unchanged.into(), at(4));
    let Ok(StepFinished::Now(over)) = end else {
        panic!("its holder ends it");
    };
    let over = store.swap_step(&key, &taken, over.clone()).await.unwrap();
    assert!(matches!(over, Swap::Written(_)));
}

#[tokio::test]
async fn of_two_that_would_post_first_one_does() {
    let world = world().await;
    let (store, key) = (&world.store, head(RunSequence::FIRST, 1).key());
    assert_eq!(store.tracking_place(&key).await.unwrap(), None);
    let posting = |poster| {
        let until = at(60);
        let poster = PosterId(poster);
        TrackingPlace::new(TrackingState::Posting { poster, until }, None)
    };
    let first = store
        .swap_tracking_place(&key, None, posting(1))
        .await
        .unwrap();
    let second = store
        .swap_tracking_place(&key, None, posting(2))
        .await
        .unwrap();
    let Swap::Written(first) = first else {
        panic!("{first:?}");
    };
    assert_eq!(second, Swap::Newer(first.clone()));
    let noted = first.value().announced(MessageId::from(5));
    let noted = store
        .swap_tracking_place(&key, Some(&first), noted)
        .await
        .unwrap();
    let Swap::Written(noted) = noted else {
        panic!("{noted:?}");
    };
    assert_eq!(store.tracking_place(&key).await.unwrap(), Some(noted));
}

#[tokio::test]
async fn requests_wait_in_their_order_until_they_are_taken_away() {
    let world = world().await;
    let store = &world.store;
    let mut orders: Vec<_> = (1..=3).map(order).collect();
    orders.sort_by_key(|order| order.id);
    let (subject, name) = (orders[0].subject.key(), IMPLEMENT);
    for order in orders.iter().rev() {
        store.put_ask(order, at(60)).await.unwrap();
        store.put_ask(order, at(90)).await.unwrap();
    }
    assert_eq!(store.asks(&subject, name).await.unwrap(), orders);
    let first = orders.remove(0);
    let asked = store.ask(&subject, name, first.id).await.unwrap();
    assert_eq!(asked.as_ref(), Some(&first));
    for _ in 0..2 {
        store.delete_ask(&subject, name, first.id).await.unwrap();
    }
    store.move_ask(&first, at(99)).await.unwrap();
    assert_eq!(store.asks(&subject, name).await.unwrap(), orders);
    assert_eq!(store.ask(&subject, name, first.id).await.unwrap(), None);
}

#[tokio::test]
async fn every_change_of_an_item_is_one_write_unit() {
    let World {
        store, endpoints, ..
    } = world().await;
    let put = head(RunSequence::FIRST, 1);
    let (waiting, step) = begun(&put);
    let (key, control) = (put.key(), Control::Stop(stop_request("stop-1", 5)));
    let closing = waiting.advance(Some(step.clone()), Some(control), at(2));
    let was_one = |what: &str| {
        let counts = endpoints.meter().reset();
        let table = &counts.dynamodb_resources[TABLE];
        assert!(
            (table.write - 1.0).abs() < f64::EPSILON,
            "{what}: {table:?}"
        );
    };
    endpoints.meter().reset();
    store.put_head(&put).await.unwrap();
    was_one("putting a head");
    store.prepare_step(&key, &step).await.unwrap();
    was_one("preparing a step");
    store.commit_head(&waiting).await.unwrap();
    was_one("a commit");
    store.commit_head(&closing.commit.unwrap()).await.unwrap();
    was_one("a commit with control");
    let read = store.step(&key, step.id()).await.unwrap().unwrap();
    store.swap_step(&key, &read, leased(step)).await.unwrap();
    was_one("a claim");
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_counts_once() {
    let world = world().await;
    let (store, put) = (&world.store, head(RunSequence::FIRST, 1));
    let lost = || Fault::lose_answer("DynamoDB_20120810.PutItem", AwsError::internal());
    world.endpoints.faults().add(lost());
    assert_eq!(store.put_head(&put).await.unwrap(), HeadWritten::Written);
    world.endpoints.faults().add(lost());
    let (waiting, step) = begun(&put);
    assert_eq!(
        store.commit_head(&waiting).await.unwrap(),
        HeadWritten::Written
    );
    world.endpoints.faults().add(lost());
    assert_eq!(prepared(store, &put, &step).await, Prepared::Ready);
    let read = store.step(&put.key(), step.id()).await.unwrap().unwrap();
    world.endpoints.faults().add(lost());
    let claimed = store.swap_step(&put.key(), &read, leased(step)).await;
    assert!(matches!(claimed.unwrap(), Swap::Written(_)));
    assert_eq!(world.endpoints.faults().pending(), 0);
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_unavailable() {
    let World {
        store, endpoints, ..
    } = world().await;
    drop(endpoints);
    let error = store.head(&head(RunSequence::FIRST, 1).key()).await;
    assert!(
        matches!(error, Err(StoreError::Unavailable(_))),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_corrupt_record_is_named_and_left_alone() {
    let World {
        store,
        client,
        endpoints: _endpoints,
    } = world().await;
    let put = head(RunSequence::FIRST, 1);
    store.put_head(&put).await.unwrap();
    let pk = format!("TKT#ten_acme#{}#771200345/42", connection().id());
    let text = |text: &str| AttributeValue::S(text.to_owned());
    client
        .update_item()
        .table_name(TABLE)
        .key("pk", text(&pk))
        .key("sk", text("RUN#implement##000001"))
        .update_expression("SET list_id = :id")
        .expression_attribute_values(":id", text("another"))
        .send()
        .await
        .unwrap();
    let error = store.head(&put.key()).await.unwrap_err();
    let StoreError::Corrupt { key, what } = error else {
        panic!("{error}")
    };
    assert_eq!(key, format!("{pk}/RUN#implement##000001"));
    assert!(what.contains("another run"), "{what}");
}

#[tokio::test]
async fn what_waits_is_due_when_its_time_comes_whatever_it_is() {
    let world = world().await;
    let store = &world.store;
    let put = head(RunSequence::FIRST, 1);
    let (waiting, step) = begun(&put);
    let (key, id) = (put.key(), step.id().clone());
    store.put_head(&put).await.unwrap();
    assert_eq!(store.due(at(59)).await.unwrap(), []);
    assert_eq!(store.due(at(60)).await.unwrap(), [Due::Run(key.clone())]);
    store.prepare_step(&key, &step).await.unwrap();
    store.commit_head(&waiting).await.unwrap();
    let of_step = [Due::Step(key.clone(), id.clone())];
    assert_eq!(store.due(at(120)).await.unwrap(), of_step);
    let place = TrackingPlace::put_off(None, PosterId(1), at(200));
    store
        .swap_tracking_place(&key, None, place.unwrap())
        .await
        .unwrap();
    let asked = order(2);
    store.put_ask(&asked, at(300)).await.unwrap();
    let due = store.due(at(300)).await.unwrap();
    assert_eq!(due.len(), 3, "{due:?}");
    assert!(due.contains(&Due::Tracking(key.clone())));
    assert!(due.contains(&Due::Ask(asked.subject.key(), IMPLEMENT, asked.id)));
    // Page by page the same is found.
    let (mut look, mut pages) = (DueLook::new(at(300)), 0);
    while !look.is_over() {
        pages += store.due_page(&mut look, 1).await.unwrap().len();
    }
    assert_eq!(pages, 3);
    let read = store.step(&key, &id).await.unwrap().unwrap();
    let left = read.value().clone().abandoned();
    store.swap_step(&key, &read, left).await.unwrap();
    assert_eq!(store.due(at(120)).await.unwrap(), []);
}
