use super::*;
use crate::{
    AccountId, Cause, Connection, DefinitionName, InstallationId, ItemId, ItemKind, JobId,
    Provider, Repository, RepositoryId, RequestTime, SeededRandom, SubjectId, TraceId, Trigger,
};

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// Who asks.
pub(crate) fn ada() -> Requester {
    Requester::new(AccountId::from(11), "ada".parse().unwrap())
}

pub(super) fn daemon(name: &str) -> DaemonId {
    name.parse().unwrap()
}

pub(crate) fn run() -> Run {
    let random = SeededRandom::new(1);
    let tenant = "ten_acme".parse().unwrap();
    let connection = Connection::new(tenant, Provider::Github, InstallationId::from(7));
    let repository = Repository {
        id: RepositoryId::from(3),
        owner: "octo".parse().unwrap(),
        name: "widgets".parse().unwrap(),
    };
    let id = SubjectId::new(repository.id.into(), ItemId::from(42));
    let (place, message) = (repository.place(), MessageId::from(9));
    let cause = Cause::Delivery {
        id: "guid".parse().unwrap(),
        trigger: Trigger::Message(message),
    };
    let origin = Origin::new(
        cause,
        ada(),
        RequestTime::of_message(at(0), message),
        TraceId::mint(&random),
    );
    let job = Job::queued(JobId::mint(at(0), &random));
    let new = NewRun {
        id: RunId::mint(at(0), &random),
        step: StepId::mint(at(0), &random),
        job,
        subject: Subject::new(connection.clone(), id, place, ItemKind::Issue),
        target: CodeTarget::new(connection, repository),
        definition: DefinitionRef {
            name: DefinitionName::literal("implement"),
            version: 1,
        },
        sequence: RunSequence::FIRST,
        origin,
    };
    Run::start(new, at(0))
}

#[test]
fn the_straight_way() {
    let mut run = run();
    assert_eq!(run.state(), RunState::Queued);
    let lease = run.claim(&daemon("a"), at(1)).unwrap();
    run.announced(MessageId::from(5));
    assert_eq!(
        (run.state(), run.tracking),
        (RunState::Running, Tracking::Announced(MessageId::from(5)))
    );
    assert_eq!(
        run.heartbeat(lease.fence, at(40)).unwrap().expires_at,
        at(160)
    );
    let failure = FailureKind::NoChange.into();
    run.finish(lease.fence, Outcome::Failed { failure }.into(), at(60))
        .unwrap();
    assert_eq!(run.finished().unwrap().started_at, Some(at(1)));
    assert!(run.due_at.is_some(), "somebody must still be told");
    run.reported(MessageId::from(5));
    assert_eq!(
        (run.tracking, run.due_at),
        (Tracking::Reported(MessageId::from(5)), None)
    );
}

#[test]
fn a_fresh_lease_is_left_as_it_is_but_never_keeps_silent() {
    let mut run = run();
    let lease = run.claim(&daemon("a"), at(0)).unwrap();
    let before = run.clone();
    assert_eq!(run.heartbeat(lease.fence, at(30)), Ok(lease.clone()));
    assert_eq!(run, before, "nothing to write");
    let extended = run.heartbeat(lease.fence, at(31)).unwrap();
    assert_eq!(extended.expires_at, at(151));
    // Every regular heartbeat extends, whenever the one before came.
    let next = run.heartbeat(lease.fence, at(71)).unwrap();
    assert_eq!(next.expires_at, at(191));

    run.deadline = at(72);
    run.heartbeat(lease.fence, at(72)).unwrap();
    assert_eq!(run.cancel, Some(Cancel::Expired));
    assert_eq!(run.heartbeat(Fence(9), at(72)), Err(LeaseRefused::Stale));
}

#[test]
fn a_zombie_changes_nothing() {
    let mut run = run();
    let old = run.claim(&daemon("a"), at(0)).unwrap();
    let new = run.claim(&daemon("b"), at(130)).unwrap();
    assert_eq!(run.heartbeat(old.fence, at(131)), Err(LeaseRefused::Stale));
    let before = run.clone();
    assert_eq!(
        run.finish(old.fence, Outcome::Cancelled.into(), at(132)),
        Err(FinishRefused::Stale)
    );
    assert_eq!(run, before);
    run.finish(new.fence, Outcome::Cancelled.into(), at(133))
        .unwrap();
}

pub(super) fn stop(guid: &str, second: i64) -> StopRequest {
    StopRequest {
        by: ada(),
        asked: RequestTime::of(at(second)),
        delivery: guid.replace(' ', "-").parse().unwrap(),
    }
}

#[test]
fn a_run_that_was_asked_for_after_the_request_to_stop_goes_on() {
    for mut run in [run(), {
        let mut running = run();
        running.claim(&daemon("a"), at(0)).unwrap();
        running
    }] {
        let before = run.clone();
        assert_eq!(run.stop(&stop("late", -1), at(9)), Stopped::NotMeant);
        assert_eq!(run, before);
        assert_eq!(run.stop(&stop("at-once", 0), at(9)), Stopped::Stopping);
    }
}

#[test]
fn stopping_ends_waiting_work_at_once_and_running_work_through_its_daemon() {
    let by = stop("the first", 1);
    let mut waiting = run();
    assert_eq!(waiting.stop(&by, at(1)), Stopped::Stopping);
    assert_eq!(waiting.state(), RunState::Cancelled);
    let over = waiting.clone();
    assert_eq!(
        waiting.stop(&by, at(2)),
        Stopped::Stopping,
        "the same request finds what it has stopped"
    );
    assert_eq!(
        waiting.stop(&stop("another", 2), at(2)),
        Stopped::AlreadyOver
    );
    assert_eq!(waiting, over);

    let mut running = run();
    running.claim(&daemon("a"), at(0)).unwrap();
    running.stop(&by, at(1));
    running.stop(&stop("another", 2), at(2));
    let cancel = Cancel::Requested {
        by: by.by,
        delivery: by.delivery,
    };
    assert_eq!(
        (running.state(), &running.cancel),
        (RunState::Running, &Some(cancel))
    );
    // The daemon dies before it hears of it: whoever comes next ends the run.
    assert_eq!(
        running.claim(&daemon("b"), at(500)),
        Err(ClaimRefused::Finished)
    );
    assert_eq!(running.state(), RunState::Cancelled);
}

#[test]
fn a_run_that_kills_its_workers_is_given_up() {
    let mut run = run();
    for attempt in 0..3 {
        run.claim(&daemon("a"), at(attempt * 200)).unwrap();
    }
    assert_eq!(
        run.claim(&daemon("a"), at(1000)),
        Err(ClaimRefused::Exhausted)
    );
    assert_eq!(run.failure(), Some(&FailureKind::WorkerLost.into()));
}

#[test]
fn what_waits_is_sent_again_less_and_less_often() {
    let mut run = run();
    let mut now = run.due_at.unwrap();
    let mut gaps = Vec::new();
    for _ in 0..7 {
        assert_eq!(run.due(now), DueAction::Resend);
        let next = run.due_at.unwrap();
        gaps.push(next.duration_since(now).as_secs() / 60);
        now = next;
    }
    assert_eq!(gaps, [4, 8, 16, 32, 60, 60, 60]);
}

#[test]
fn a_due_run_is_judged_by_its_lease() {
    let mut live = run();
    live.claim(&daemon("a"), at(100)).unwrap();
    assert_eq!(live.due(at(120)), DueAction::Save);
    assert_eq!(live.due_at, Some(at(280)));
    assert_eq!(live.due(at(280)), DueAction::Resend);

    let mut lost = run();
    for attempt in 0..3 {
        lost.claim(&daemon("a"), at(attempt * 200)).unwrap();
    }
    assert_eq!(lost.due(at(900)), DueAction::Save);
    assert_eq!(lost.failure(), Some(&FailureKind::WorkerLost.into()));
}

#[test]
fn nothing_waits_for_ever() {
    let mut waiting = run();
    assert_eq!(waiting.due(at(6 * 3600)), DueAction::Save);
    assert_eq!(waiting.state(), RunState::Expired);
    // The end is offered to the stream again and again, less and less often, until somebody was told.
    let mut now = 6 * 3600 + 200;
    let mut gaps = Vec::new();
    while waiting.due_at.is_some() {
        assert_eq!(waiting.due(at(now)), DueAction::Save);
        let next = waiting.due_at.map_or(now, Timestamp::as_second);
        gaps.push((next - now) / 3600);
        now = next;
    }
    assert!(gaps.is_sorted() || gaps.last() == Some(&0), "{gaps:?}");
    assert_eq!(gaps.iter().max(), Some(&24), "an outage of any length ends");
    assert!(now > 30 * 24 * 3600, "{now}");
    assert_eq!(waiting.tracking, Tracking::Unreachable);

    let mut running = run();
    let lease = running.claim(&daemon("a"), at(0)).unwrap();
    running.heartbeat(lease.fence, at(6 * 3600)).unwrap();
    assert_eq!(running.cancel, Some(Cancel::Expired));
}
