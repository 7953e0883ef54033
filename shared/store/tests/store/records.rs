//! Deliveries, progress, findings and briefs against a real DynamoDB endpoint.

use crate::support::{at, connection, delivery_key, head, order, stop_request, world};
use contract::{DeliveryBody, DeliveryMessage, PackedBody, Proven, Version};
use domain::{
    AccountId, Delivery, DeliveryId, Fence, ProgressEvent, Provider, Refusal, Reply, RequestTime,
    RunSequence, Say, SeededRandom, Stage, Start, StepName, StopRequest, TraceId, TraceStep,
    Verdict,
};
use store::{Brief, Due, EventBatch, Spoken, Swap};

fn delivery(verdict: Verdict) -> Delivery {
    Delivery {
        key: delivery_key("guid-1"),
        trace: TraceId::mint(&SeededRandom::new(1)),
        received_at: at(100),
        verdict,
        steps: vec![TraceStep {
            at: at(101),
            step: StepName::Matched,
            detail: "no".to_owned(),
        }],
        due_at: None,
    }
}

fn half(due: i64) -> Delivery {
    Delivery {
        due_at: Some(at(due)),
        ..delivery(Verdict::Interrupted {
            attempts: 1,
            reply: None,
            intent: None,
        })
    }
}

fn message() -> DeliveryMessage {
    DeliveryMessage {
        version: Version,
        proven: Proven::App {
            provider: Provider::Github,
            installation: Some(connection().installation()),
        },
        delivery: "guid-1".parse().unwrap(),
        event: "issue_comment".to_owned(),
        received_at: at(100),
        trace: TraceId::mint(&SeededRandom::new(1)),
        repository: None,
        body: DeliveryBody::Inline {
            data: PackedBody::pack(b"{}"),
        },
    }
}

#[tokio::test]
async fn the_first_verdict_stands_for_eight_days() {
    let world = world().await;
    let store = &world.store;
    let (first, second) = (delivery(Verdict::Ignored), delivery(Verdict::Rejected));
    let put = store.swap_delivery(None, &first, at(102)).await.unwrap();
    let Swap::Written(written) = put else {
        panic!("{put:?}")
    };
    let again = store.swap_delivery(None, &second, at(103)).await.unwrap();
    assert_eq!(again, Swap::Newer(written));

    // The table forgets late, so what should be forgotten by now is not seen any more.
    let later = at(100 + 8 * 86_400);
    assert_eq!(store.delivery(&first.key, later).await.unwrap(), None);
    let put = store.swap_delivery(None, &second, later).await.unwrap();
    assert!(matches!(put, Swap::Written(_)), "{put:?}");
}

#[tokio::test]
async fn of_two_that_deal_with_a_delivery_at_once_one_puts_its_verdict_on_record() {
    let world = world().await;
    let store = &world.store;
    let start = Box::new(Start {
        run: head(RunSequence::FIRST, 1).key(),
        id: order(1).id,
        version: 1,
        revision: None,
    });
    let starting = delivery(Verdict::Starting { start });
    let put = store.swap_delivery(None, &starting, at(102)).await.unwrap();
    let Swap::Written(read) = put else {
        panic!("{put:?}")
    };
    let found = store.versioned_delivery(&starting.key, at(103)).await;
    assert_eq!(found.unwrap(), Some(read.clone()));
    let (one, other) = (delivery(Verdict::Rejected), delivery(Verdict::Failed));
    let first = store
        .swap_delivery(Some(&read), &one, at(104))
        .await
        .unwrap();
    let second = store
        .swap_delivery(Some(&read), &other, at(104))
        .await
        .unwrap();
    let Swap::Written(first) = first else {
        panic!("{first:?}")
    };
    assert_eq!(second, Swap::Newer(first));
}

#[tokio::test]
async fn an_interrupted_delivery_waits_with_its_message() {
    let world = world().await;
    let store = &world.store;
    let (half, message) = (half(500), message());
    let put = store.interrupt_delivery(None, &half, &message, at(102));
    let Swap::Written(read) = put.await.unwrap() else {
        panic!("nothing is there")
    };
    assert_eq!(store.due(at(499)).await.unwrap(), []);
    let due = [Due::Delivery(half.key.clone())];
    assert_eq!(store.due(at(500)).await.unwrap(), due);
    let taken_up = store.due_delivery(&half.key).await.unwrap();
    assert_eq!(taken_up, Some((read.clone(), Some(message.clone()))));

    let done = delivery(Verdict::Ignored);
    let put = store
        .swap_delivery(Some(&read), &done, at(600))
        .await
        .unwrap();
    assert!(matches!(put, Swap::Written(_)), "{put:?}");
    assert_eq!(store.due(at(9999)).await.unwrap(), []);
    assert_eq!(store.due_delivery(&half.key).await.unwrap(), None);

    // A late interruption does not undo the verdict.
    let late = store.interrupt_delivery(Some(&read), &half, &message, at(700));
    assert!(matches!(late.await.unwrap(), Swap::Newer(_)));
}

fn refused() -> Delivery {
    let reply = Reply {
        subject: order(1).subject,
        message: None,
        request: "label/1".parse().unwrap(),
        asked_at: at(101),
        say: Say::Words,
    };
    Delivery {
        due_at: Some(at(220)),
        ..delivery(Verdict::Refused {
            refusal: Refusal::NothingToStop,
            reply: Some(Box::new(reply)),
        })
    }
}

#[tokio::test]
async fn an_answer_is_due_until_it_was_told() {
    let world = world().await;
    let store = &world.store;
    let mut refused = refused();
    store.swap_delivery(None, &refused, at(102)).await.unwrap();
    let due = [Due::Delivery(refused.key.clone())];
    assert_eq!(store.due(at(220)).await.unwrap(), due);
    let found = store.due_delivery(&refused.key).await.unwrap();
    let (read, None) = found.unwrap() else {
        panic!("a decided delivery keeps no message")
    };
    assert_eq!(read.value(), &refused);

    refused.due_at = Some(at(500));
    store.move_answer(&refused).await.unwrap();
    assert_eq!(store.due(at(499)).await.unwrap(), []);
    refused.due_at = None;
    store.move_answer(&refused).await.unwrap();
    assert_eq!(store.due(at(9999)).await.unwrap(), []);
    // Whoever comes late does not make it due again.
    let late = Delivery {
        due_at: Some(at(900)),
        ..refused.clone()
    };
    store.move_answer(&late).await.unwrap();
    assert_eq!(store.due_delivery(&refused.key).await.unwrap(), None);
}

#[tokio::test]
async fn the_later_request_to_stop_stays_in_force() {
    let world = world().await;
    let (store, subject) = (&world.store, order(1).subject.key());
    assert_eq!(store.stop(&subject).await.unwrap(), None);
    let comment = |guid, second, comment| StopRequest {
        asked: RequestTime::numbered(at(second), comment),
        ..stop_request(guid, 0)
    };
    let (first, second) = (comment("first", 5, 9), comment("second", 5, 10));
    let sometime = stop_request("third", 5);
    for (stop, stays) in [
        (&first, &first),
        (&second, &second),
        (&first, &second),
        (&sometime, &sometime),
        (&second, &sometime),
    ] {
        store.put_stop(&subject, stop, at(6)).await.unwrap();
        assert_eq!(store.stop(&subject).await.unwrap().as_ref(), Some(stays));
    }
}

#[tokio::test]
async fn a_person_and_a_minute_have_one_answer_each() {
    let world = world().await;
    let (store, subject) = (&world.store, order(1).subject.key());
    let guid = |text: &str| text.parse::<DeliveryId>().unwrap();
    for (account, delivery, spoken) in [
        (1, "a", Spoken::Now),
        (1, "a", Spoken::Now),
        (1, "b", Spoken::Before),
        (2, "b", Spoken::Now),
    ] {
        let id = guid(delivery);
        let answer = store.answer_person(&subject, AccountId::from(account), &id, at(0));
        assert_eq!(answer.await.unwrap(), spoken, "{account} {delivery}");
    }
    let connection = connection();
    for (second, delivery, spoken) in [
        (0, "a", Spoken::Now),
        (59, "b", Spoken::Before),
        (59, "a", Spoken::Now),
        (60, "b", Spoken::Now),
    ] {
        let id = guid(delivery);
        let answer = store.answer_stranger(&connection, &id, at(second));
        assert_eq!(answer.await.unwrap(), spoken, "{second} {delivery}");
    }
}

#[tokio::test]
async fn progress_told_twice_is_stored_once_and_read_in_order() {
    let world = world().await;
    let store = &world.store;
    let run = head(RunSequence::FIRST, 1).key();
    let batch = |fence, first, text: &str| EventBatch {
        run: run.clone(),
        fence: Fence(fence),
        first,
        events: vec![ProgressEvent {
            at: at(1),
            stage: Stage::Working,
            text: text.to_owned(),
        }],
    };
    for (fence, first, text) in [(1, 0, "old"), (2, 0, "a"), (2, 1, "b"), (2, 0, "a again")] {
        store
            .add_events(&batch(fence, first, text), at(1))
            .await
            .unwrap();
    }
    let texts = |events: Vec<ProgressEvent>| events.into_iter().map(|n| n.text).collect::<Vec<_>>();
    assert_eq!(
        texts(store.newest_progress(&run, Fence(2), 9).await.unwrap()),
        ["a", "b"]
    );
    assert_eq!(
        texts(store.newest_progress(&run, Fence(2), 1).await.unwrap()),
        ["b"]
    );
}

#[tokio::test]
async fn findings_of_an_older_lease_do_not_replace_newer_ones() {
    let world = world().await;
    let store = &world.store;
    let run = head(RunSequence::FIRST, 1).key();
    assert_eq!(store.findings(&run).await.unwrap(), None);
    for (fence, text) in [(1, "one"), (2, "two"), (1, "zombie")] {
        store.put_findings(&run, Fence(fence), text).await.unwrap();
    }
    assert_eq!(store.findings(&run).await.unwrap().as_deref(), Some("two"));
}

#[tokio::test]
async fn a_brief_keeps_what_was_asked() {
    let world = world().await;
    let store = &world.store;
    let run = order(1);
    let brief = Brief {
        title: "Titel — größer".to_owned(),
        body: "x".repeat(60_000),
        request: Some("bot:implement".to_owned()),
    };
    let subject = run.subject.key();
    assert_eq!(store.brief(&subject, run.id).await.unwrap(), None);
    store
        .put_brief(&subject, run.id, &brief, at(0))
        .await
        .unwrap();
    assert_eq!(store.brief(&subject, run.id).await.unwrap(), Some(brief));
}
