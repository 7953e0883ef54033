//! What is stored, for every variant, as it was when it was kept here; and that readers of one shape more and one less
//! deal with it.

use std::collections::BTreeMap;

use domain::{
    AccountId, Cause, Claimed, CodeTarget, CommitSha, Control, Cost, Deliverable, End, Failure,
    FailureKind, Fence, GiveBack, HeadVersion, ItemId, ItemKind, ItemNumber, Leases, MessageId,
    Origin, Outcome, PosterId, PullRequest, Repository, RepositoryId, RequestTime, Requester,
    RunHead, RunId, RunOrder, RunSequence, SeededRandom, Spent, StepAttempt, StepFinished, StepId,
    StepReleased, StopRequest, Subject, SubjectId, TraceId, TrackingPlace, TrackingState, Trigger,
    Usage,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    StoreError,
    asks::AskRecord,
    item::{Item, item, record},
    keys::Name,
    record::{HeadRecord, StepRecord, TrackingRecord, WrongRecord},
    versioned::{SwapRecord, WriteStamp},
};

const STAMP: WriteStamp = WriteStamp {
    version: 3,
    write: 1_234_567_890,
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn order(trigger: Trigger, kind: ItemKind) -> RunOrder {
    let random = SeededRandom::new(1);
    let connection = testkit::connection("acme", 60_300_117);
    let repository = Repository {
        id: RepositoryId::from(771_200_345),
        owner: "octo-demo-organisation".parse().unwrap(),
        name: "widgets-of-a-longer-name".parse().unwrap(),
    };
    let id = SubjectId::new(repository.id.into(), ItemId::from(42));
    let subject = Subject::new(connection.clone(), id, repository.place(), kind);
    let revision: CommitSha = "a1b2c3d4".repeat(5).parse().unwrap();
    let revision = (kind == ItemKind::PullRequest).then_some(revision);
    let asked = match trigger {
        Trigger::Message(message) => RequestTime::of_message(at(1), message),
        Trigger::Label | Trigger::Text => RequestTime::of(at(1)),
    };
    let cause = Cause::Delivery {
        id: "72d3162e-cc78-11e3-81ab-4c9367dc0958".parse().unwrap(),
        trigger,
    };
    let requester = Requester::new(
        AccountId::from(2_468_013_579),
        "ada-lovelace-of-london".parse().unwrap(),
    );
    RunOrder {
        id: RunId::mint(at(0), &random),
        subject,
        target: CodeTarget::new(connection, repository).at(revision),
        definition: domain::DefinitionRef {
            name: testkit::IMPLEMENT,
            version: 1,
        },
        origin: Origin::new(cause, requester, asked, TraceId::mint(&random)),
    }
}

fn comment() -> RunOrder {
    let message = MessageId::from(4_120_099_871);
    order(Trigger::Message(message), ItemKind::Issue)
}

/// A request in a thread, for work on code that another connection reaches.
fn elsewhere() -> RunOrder {
    let RunOrder {
        id,
        target,
        definition,
        origin,
        ..
    } = comment();
    let thread = SubjectId::new(
        "C024BE91L".parse().unwrap(),
        "1700000000.123456".parse().unwrap(),
    );
    let connection = testkit::connection("acme", 1);
    RunOrder {
        id,
        subject: Subject::new(
            connection,
            thread,
            "general".parse().unwrap(),
            ItemKind::Issue,
        ),
        target,
        definition,
        origin,
    }
}

/// A request about another repository than the one that the subject is in.
fn beside() -> RunOrder {
    let order = comment();
    let target = testkit::code(order.subject.connection(), &testkit::widgets(9));
    RunOrder { target, ..order }
}

fn caused(cause: Cause) -> RunOrder {
    let order = comment();
    let (requester, asked) = (order.origin.requester().clone(), *order.origin.asked());
    let origin = Origin::new(cause, requester, asked, order.origin.trace().clone());
    RunOrder { origin, ..order }
}

/// Every other cause than a delivery, with its name.
fn causes() -> Vec<(&'static str, RunOrder)> {
    let request = Cause::ApiRequest("nightly-4711".parse().unwrap());
    let slot = Cause::ScheduleSlot {
        schedule: "nightly".parse().unwrap(),
        slot: at(60),
    };
    let parent = Cause::ParentStep {
        run: Box::new(RunHead::put(comment(), RunSequence(6), at(0)).key()),
        step: StepId::mint(at(0), &SeededRandom::new(3)),
    };
    vec![
        ("of an API request", caused(request)),
        ("of a schedule", caused(slot)),
        ("of another run's step", caused(parent)),
    ]
}

fn stop() -> Control {
    Control::Stop(StopRequest {
        by: testkit::requester("ron"),
        asked: RequestTime::of_message(at(5), MessageId::from(4_120_099_999)),
        delivery: "stop".parse().unwrap(),
    })
}

fn pull() -> Deliverable {
    Deliverable::PullRequest(PullRequest {
        number: ItemNumber(43),
        branch: "switchyard/implement-42-kq3z1x9c".to_owned(),
        url: "https://github.com/octo-demo-organisation/widgets-of-a-longer-name/pull/43"
            .to_owned(),
    })
}

fn failure() -> Failure {
    let failure = Failure::from(FailureKind::ProtectedFiles).about([".github/workflows/ci.yaml"]);
    failure
        .kept_on("switchyard/implement-42-kq3z1x9c")
        .retry_at(at(9))
}

/// Every outcome, with its name.
fn ends() -> Vec<(&'static str, End)> {
    let spent = Spent {
        cost: Some(Cost(1_234_567)),
        usage: Some(Usage {
            calls: 1,
            input_tokens: 2,
            cache_write_tokens: 3,
            cache_read_tokens: 4,
            output_tokens: 5,
        }),
    };
    let deliverable = pull();
    let whole = End {
        outcome: Outcome::Succeeded { deliverable },
        spent,
        revision: Some("a1b2c3d4".repeat(5).parse().unwrap()),
    };
    let findings = || Deliverable::Findings;
    let incomplete = |deliverable| Outcome::Incomplete {
        failure: failure(),
        deliverable,
    };
    let (failed, answered) = (
        Outcome::Failed { failure: failure() },
        Outcome::Succeeded {
            deliverable: findings(),
        },
    );
    vec![
        ("succeeded with a pull request", whole),
        ("succeeded with findings", answered.into()),
        ("incomplete with a pull request", incomplete(pull()).into()),
        ("incomplete with findings", incomplete(findings()).into()),
        ("unchanged", Outcome::Unchanged.into()),
        ("failed", failed.into()),
        ("cancelled", Outcome::Cancelled.into()),
        ("expired", Outcome::Expired.into()),
    ]
}

fn queued() -> StepAttempt {
    StepAttempt::prepared(RunHead::only_step(), comment().id, HeadVersion(1), at(120))
}

fn running() -> StepAttempt {
    let daemon = "daemon-1".parse().unwrap();
    match queued().claim(&daemon, at(10)) {
        Claimed::Leased(step, _) => step,
        other => panic!("{other:?}"),
    }
}

fn closed(end: End) -> StepAttempt {
    match running().finish(Fence(1), end, at(20)) {
        Ok(StepFinished::Now(step)) => step,
        other => panic!("{other:?}"),
    }
}

fn released(why: GiveBack) -> StepAttempt {
    let until = (why == GiveBack::ModelLimited).then(|| at(500));
    match running().release(Fence(1), (why, until), at(9_000), at(20)) {
        Ok(StepReleased::Now(step)) => step,
        other => panic!("{other:?}"),
    }
}

/// Every state of a step, with its name.
fn steps() -> Vec<(&'static str, StepAttempt)> {
    let lost = {
        let mut parts = running().parts();
        parts.leases = Leases { lost: 2, unfit: 1 };
        StepAttempt::from_parts(parts).unwrap()
    };
    let mut all = vec![
        ("queued", queued()),
        ("running", running()),
        ("running after losses", lost),
        ("queued, given back", released(GiveBack::Shutdown)),
        ("queued, machine unfit", released(GiveBack::Environment)),
        ("delayed", released(GiveBack::ModelLimited)),
    ];
    all.extend(ends().into_iter().map(|(name, end)| (name, closed(end))));
    all.push((
        "settled",
        closed(Outcome::Unchanged.into()).settled().unwrap(),
    ));
    all
}

/// Every state of a head, with its name.
fn heads() -> Vec<(String, RunHead)> {
    let put = |order| RunHead::put(order, RunSequence(7), at(2));
    let unbegun = put(comment());
    let waiting = unbegun.advance(None, None, at(3)).commit.unwrap();
    let closing = |control| {
        waiting
            .advance(Some(queued()), Some(control), at(4))
            .commit
            .unwrap()
    };
    let mut all = vec![
        ("unbegun".to_owned(), unbegun.clone()),
        (
            "asked by a label".to_owned(),
            put(order(Trigger::Label, ItemKind::Issue)),
        ),
        (
            "of a pull request's text".to_owned(),
            put(order(Trigger::Text, ItemKind::PullRequest)),
        ),
        ("about another repository".to_owned(), put(beside())),
        ("about code elsewhere".to_owned(), put(elsewhere())),
        ("waiting".to_owned(), waiting.clone()),
        ("closing on request".to_owned(), closing(stop())),
        ("closing late".to_owned(), closing(Control::Deadline)),
    ];
    for (name, order) in causes() {
        all.push((name.to_owned(), put(order)));
    }
    let skipped = unbegun.advance(None, Some(stop()), at(4)).commit.unwrap();
    all.push(("stopped before it began".to_owned(), skipped));
    for (name, end) in ends() {
        let over = waiting
            .advance(Some(closed(end)), None, at(21))
            .commit
            .unwrap();
        all.push((name.to_owned(), over));
    }
    let told = all.last().unwrap().1.all_told().unwrap();
    all.push(("told".to_owned(), told));
    all
}

fn places() -> Vec<(&'static str, TrackingPlace)> {
    let place = |state| TrackingPlace::new(state, None);
    let posting = TrackingState::Posting {
        poster: PosterId(7),
        until: at(60),
    };
    vec![
        ("posting", place(posting)),
        (
            "put off",
            TrackingPlace::new(TrackingState::PutOff, Some(at(9))),
        ),
        ("offered", place(TrackingState::PutOff)),
        (
            "announced",
            place(TrackingState::Announced(MessageId::from(5))),
        ),
        ("told", place(TrackingState::Told(MessageId::from(5)))),
        ("unreachable", place(TrackingState::Unreachable)),
    ]
}

fn head_item(head: &RunHead) -> Item {
    let key = Name::Run(head.key()).key();
    item(&key, &HeadRecord::of(head, STAMP.write)).unwrap()
}

fn step_name() -> Name {
    let run = RunHead::put(comment(), RunSequence(7), at(2)).key();
    Name::Step(run, RunHead::only_step())
}

fn json_of(item: Item) -> Value {
    serde_dynamo::from_item(item).unwrap()
}

/// The same with its keys in order.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let fields: BTreeMap<String, Value> = map.into_iter().collect();
            let fields = fields.into_iter().map(|(key, value)| (key, sorted(value)));
            Value::Object(fields.collect())
        }
        other => other,
    }
}

/// Each as one line of JSON under its name.
fn lines(all: impl IntoIterator<Item = (String, Item)>) -> String {
    let each = all.into_iter();
    let each = each.map(|(name, item)| format!("{name}:\n{}\n\n", sorted(json_of(item))));
    each.collect::<Vec<_>>().concat()
}

#[test]
fn heads_are_stored_as_ever() {
    for (name, head) in heads() {
        let read: HeadRecord = record(head_item(&head)).unwrap();
        assert_eq!(read.into_head(&head.key()).as_ref(), Ok(&head), "{name}");
    }
    let all = heads().into_iter();
    insta::assert_snapshot!(lines(all.map(|(name, head)| (name, head_item(&head)))));
}

#[test]
fn steps_are_stored_as_ever() {
    let name = step_name();
    let item_of = |step: &StepAttempt| StepRecord::item(&name.key(), step, STAMP).unwrap();
    for (state, step) in steps() {
        let read = StepRecord::read(&name, item_of(&step)).unwrap();
        assert_eq!((read.value(), read.version()), (&step, 3), "{state}");
    }
    let all = steps().into_iter();
    insta::assert_snapshot!(lines(
        all.map(|(name, step)| (name.to_owned(), item_of(&step)))
    ));
}

#[test]
fn places_are_stored_as_ever() {
    let name = Name::Tracking(RunHead::put(comment(), RunSequence(7), at(2)).key());
    let item_of = |place: &TrackingPlace| TrackingRecord::item(&name.key(), place, STAMP).unwrap();
    for (state, place) in places() {
        let read = TrackingRecord::read(&name, item_of(&place)).unwrap();
        assert_eq!(read.value(), &place, "{state}");
    }
    let all = places().into_iter();
    insta::assert_snapshot!(lines(
        all.map(|(name, place)| (name.to_owned(), item_of(&place)))
    ));
}

#[test]
fn waiting_requests_are_stored_as_ever() {
    let order = comment();
    let key = Name::Ask(order.subject.key(), order.definition.name, order.id).key();
    let stored = item(&key, &AskRecord::of(&order, at(60))).unwrap();
    let run = RunHead::put(order.clone(), RunSequence::FIRST, at(0)).key();
    let read: AskRecord = record(stored.clone()).unwrap();
    assert_eq!(read.into_order(&run), Ok(order));
    insta::assert_snapshot!(lines([("waits".to_owned(), stored)]));
}

/// What the item of a head is read as once `change` was made to it.
fn reread(change: impl FnOnce(&mut Value)) -> Result<RunHead, WrongRecord> {
    let head = RunHead::put(comment(), RunSequence(7), at(2));
    let mut stored = json_of(head_item(&head));
    change(&mut stored);
    let stored: Item = serde_dynamo::to_item(stored).unwrap();
    let read: HeadRecord = record(stored).unwrap();
    read.into_head(&head.key())
}

#[test]
fn what_a_newer_writer_has_left_is_left_alone_and_what_an_older_one_has_is_read() {
    let newer = reread(|stored| stored["shape"] = json!(2));
    assert_eq!(newer, Err(WrongRecord::Newer { shape: 2 }));
    let key = step_name().key();
    assert!(matches!(
        newer.unwrap_err().at(&key),
        StoreError::Newer { shape: 2, .. }
    ));
    // A field that was added since is not there.
    let older = reread(|stored| {
        stored.as_object_mut().unwrap().remove("due_at");
        stored.as_object_mut().unwrap().remove("due_shard");
        stored["state"] = json!({ "is": "waiting", "path": "work", "attempt": 1 });
    });
    assert!(older.is_ok(), "{older:?}");
    let mut step = json_of(StepRecord::item(&key, &queued(), STAMP).unwrap());
    step["shape"] = json!(2);
    let step: Item = serde_dynamo::to_item(step).unwrap();
    let read = StepRecord::read(&step_name(), step);
    assert!(
        matches!(read, Err(StoreError::Newer { shape: 2, .. })),
        "{read:?}"
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (what, change) in [
        (
            "no shape",
            (|stored| stored["shape"] = json!(0)) as fn(&mut Value),
        ),
        ("half a due time", |stored| {
            stored.as_object_mut().unwrap().remove("due_shard");
        }),
        ("an unbegun head that is never due", |stored| {
            stored.as_object_mut().unwrap().remove("due_shard");
            stored.as_object_mut().unwrap().remove("due_at");
        }),
        ("another run's entry in the list", |stored| {
            stored["list"] = json!("ten_other#run");
        }),
        ("a request's time that is none", |stored| {
            stored["origin"]["asked"] = json!("noon");
        }),
    ] {
        assert!(reread(change).is_err(), "{what}");
    }
}
