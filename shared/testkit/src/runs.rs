//! Runs and what becomes of them, as the product's own transitions make them.

use domain::{
    Claimed, Closed, CodeTarget, Connection, Control, DefinitionName, DefinitionRef, End,
    RequestTime, Run, RunHead, RunId, RunKey, RunOrder, RunSequence, SeededRandom, StepAttempt,
    StepFinished, StopRequest, Subject, TraceId,
};
use jiff::Timestamp;
use store::{HeadWritten, Store, Swap, Versioned};

use crate::{code, connection, issue, origin, requester, widgets};

fn of_default() -> Connection {
    connection("default", 7)
}

/// An issue of `octo-demo/widgets`.
pub fn subject() -> Subject {
    issue(&of_default(), &widgets(3), 42)
}

/// The code of `octo-demo/widgets`.
pub fn target() -> CodeTarget {
    code(&of_default(), &widgets(3))
}

/// What `ada` asks for in a comment at `now`.
pub fn order(
    subject: Subject,
    target: CodeTarget,
    name: DefinitionName,
    now: Timestamp,
) -> RunOrder {
    let random = SeededRandom::new(1);
    let (delivery, trace) = (
        "7c1d3e60-c5f8-11f0-8de9-0242ac120002",
        TraceId::mint(&random),
    );
    RunOrder {
        id: RunId::mint(now, &random),
        subject,
        target,
        definition: DefinitionRef { name, version: 1 },
        origin: origin(delivery, "ada", 4_120_099_871, now, trace),
    }
}

/// Somebody's wish to stop what was asked for until `now`.
pub fn stop_request(now: Timestamp) -> StopRequest {
    StopRequest {
        by: requester("ada"),
        asked: RequestTime::of(now),
        delivery: "stop".parse().unwrap(),
    }
}

/// The first run of an order, which waits for its step.
pub fn waiting(order: RunOrder, now: Timestamp) -> Run {
    let head = RunHead::put(order, RunSequence::FIRST, now);
    let advance = head.advance(None, None, now);
    Run::new(advance.commit.unwrap(), advance.prepare, None)
}

/// The same run with its step held by `daemon`.
pub fn leased(run: &Run, daemon: &str, now: Timestamp) -> Run {
    let step = run.step().unwrap().clone();
    let Claimed::Leased(step, _) = step.claim(&daemon.parse().unwrap(), now) else {
        panic!("the step of {run:?} is not to be had");
    };
    Run::new(run.head().clone(), Some(step), run.place().copied())
}

/// The same run once the holder of its step has ended it.
pub fn ended(run: &Run, end: impl Into<End>, now: Timestamp) -> Run {
    let step = run.step().unwrap().clone();
    let fence = step.fence();
    let Ok(StepFinished::Now(step)) = step.finish(fence, end.into(), now) else {
        panic!("nobody holds the step of {run:?}");
    };
    let advance = run.head().advance(Some(step.clone()), None, now);
    Run::new(advance.commit.unwrap(), Some(step), run.place().copied())
}

/// The same run once it is asked to stop. What nobody is at work on is over.
pub fn stopped(run: &Run, request: &StopRequest, now: Timestamp) -> Run {
    let control = Control::Stop(request.clone());
    let step = run.step().cloned();
    let closing = run.head().advance(step.clone(), Some(control), now);
    let head = closing.commit.unwrap();
    let outcome = Control::closing(&head);
    match step.clone().unwrap().close(outcome, now) {
        Closed::Now(over) => {
            let end = head.advance(Some(over.clone()), None, now);
            Run::new(end.commit.unwrap(), Some(over), run.place().copied())
        }
        Closed::AtWork | Closed::Before => Run::new(head, step, run.place().copied()),
    }
}

/// Stores a run as starting it does.
pub async fn put_run(store: &Store, order: RunOrder, now: Timestamp) -> Run {
    let head = RunHead::put(order.clone(), RunSequence::FIRST, now);
    let run = waiting(order, now);
    let put = store.put_head(&head).await.unwrap();
    assert_eq!(put, HeadWritten::Written);
    let key = run.key();
    let prepared = store.prepare_step(&key, run.step().unwrap());
    prepared.await.unwrap();
    let committed = store.commit_head(run.head()).await.unwrap();
    assert_eq!(committed, HeadWritten::Written);
    run
}

/// Makes `change` to the step of a stored run.
pub async fn change_step(
    store: &Store,
    key: &RunKey,
    change: impl FnOnce(StepAttempt) -> StepAttempt,
) -> Versioned<StepAttempt> {
    let read = store
        .step(key, &RunHead::only_step())
        .await
        .unwrap()
        .unwrap();
    let next = change(read.value().clone());
    match store.swap_step(key, &read, next).await.unwrap() {
        Swap::Written(step) => step,
        other => panic!("somebody else changes it: {other:?}"),
    }
}

/// Puts what a stored run has become by `change`: first its step, then its head.
pub async fn change_run(store: &Store, key: &RunKey, change: impl FnOnce(&Run) -> Run) -> Run {
    let before = store.run(key).await.unwrap().unwrap();
    let after = change(&before);
    if after.step() != before.step() {
        change_step(store, key, |_| after.step().unwrap().clone()).await;
    }
    for version in before.head().version().0 + 1..after.head().version().0 {
        let between = with_version(&before, version);
        store.commit_head(&between).await.unwrap();
    }
    if after.head() != before.head() {
        let written = store.commit_head(after.head()).await.unwrap();
        assert_eq!(written, HeadWritten::Written);
    }
    after
}

fn with_version(run: &Run, version: u64) -> RunHead {
    let mut parts = run.head().parts().clone();
    parts.version = domain::HeadVersion(version);
    RunHead::from_parts(parts).unwrap()
}
