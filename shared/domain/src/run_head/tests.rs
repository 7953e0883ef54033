use proptest::prelude::*;

use super::*;
use crate::{
    AccountId, Cause, Claimed, Closed, Connection, DaemonId, DefinitionName, Fence, InstallationId,
    ItemId, ItemKind, MessageId, PostTurn, PosterId, Provider, Repository, RepositoryId,
    RequestTime, Requester, SeededRandom, StepAttempt, StepFinished, StepLook, SubjectId, TraceId,
    TrackingPlace, TrackingState, Trigger,
};

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// Who asks.
pub(crate) fn ada() -> Requester {
    Requester::new(AccountId::from(11), "ada".parse().unwrap())
}

pub(crate) fn head() -> RunHead {
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
    let asked = RequestTime::of_message(at(0), message);
    let order = RunOrder {
        id: RunId::mint(at(0), &random),
        subject: Subject::new(connection.clone(), id, place, ItemKind::Issue),
        target: CodeTarget::new(connection, repository),
        definition: DefinitionRef {
            name: DefinitionName::literal("implement"),
            version: 1,
        },
        origin: Origin::new(cause, ada(), asked, TraceId::mint(&random)),
    };
    RunHead::put(order, RunSequence::FIRST, at(0))
}

pub(super) fn stop() -> Control {
    Control::Stop(StopRequest {
        by: ada(),
        asked: RequestTime::of(at(1)),
        delivery: "stop".parse().unwrap(),
    })
}

/// A head that waits for its step, and the step.
pub(super) fn begun() -> (RunHead, StepAttempt) {
    let advance = head().advance(None, None, at(1));
    (advance.commit.unwrap(), advance.prepare.unwrap())
}

fn leased(step: StepAttempt, second: i64) -> StepAttempt {
    let daemon: DaemonId = "a".parse().unwrap();
    match step.claim(&daemon, at(second)) {
        Claimed::Leased(step, _) => step,
        other => panic!("{other:?}"),
    }
}

fn finished(step: StepAttempt, second: i64) -> StepAttempt {
    let fence = step.fence();
    match step.finish(fence, Outcome::Unchanged.into(), at(second)) {
        Ok(StepFinished::Now(step)) => step,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_straight_way() {
    let put = head();
    assert!(put.is_unbegun() && put.due_at() == Some(at(60)));
    let first = put.advance(None, None, at(1));
    let step = first.prepare.unwrap();
    assert_eq!(
        (step.basis(), step.due_at()),
        (put.version(), Some(at(120)))
    );
    assert_eq!(first.release, Some(Release::SendJob));
    let waiting = first.commit.unwrap();
    assert_eq!(waiting.names(), Some(step.id()));
    assert_eq!(
        (waiting.due_at(), waiting.version()),
        (None, HeadVersion(2))
    );
    assert!(waiting.wants(step.id(), at(2)));

    let held = leased(step, 2);
    let idle = waiting.advance(Some(held.clone()), None, at(3));
    assert_eq!((idle.commit, idle.release), (None, None));
    let done = finished(held, 4);
    let end = waiting.advance(Some(done.clone()), None, at(5));
    let over = end.commit.unwrap();
    assert_eq!(over.finished(), done.finished());
    assert_eq!(
        (over.version(), over.due_at()),
        (HeadVersion(3), Some(at(125)))
    );
    assert_eq!(end.settle, done.settled());
    assert_eq!(over.all_told().unwrap().due_at(), None);
    let after = over.advance(None, Some(stop()), at(6));
    assert_eq!(after.commit, None);
}

#[test]
fn whoever_prepares_the_step_of_a_head_prepares_the_same() {
    let (early, late) = (
        head().advance(None, None, at(1)),
        head().advance(None, None, at(3_000)),
    );
    assert_eq!(early.prepare, late.prepare);
    assert_eq!(early.commit, late.commit);
}

#[test]
fn what_has_not_begun_ends_at_once() {
    for (wanted, now, outcome) in [
        (Some(stop()), 1, Outcome::Cancelled),
        (None, 6 * 3600, Outcome::Expired),
    ] {
        let ended = head().advance(None, wanted, at(now));
        assert_eq!((ended.prepare, ended.release), (None, None));
        let over = ended.commit.unwrap();
        assert_eq!(over.finished().unwrap().outcome, outcome);
        assert!(over.control().is_some());
    }
}

#[test]
fn a_run_does_not_end_before_its_step_is_closed() {
    let (waiting, step) = begun();
    let stopped = waiting.advance(Some(step.clone()), Some(stop()), at(2));
    let closing = stopped.commit.unwrap();
    assert_eq!(stopped.release, Some(Release::CloseStep));
    assert!(closing.finished().is_none() && closing.due_at() == Some(at(62)));
    assert!(!closing.wants(step.id(), at(3)));
    // Every look repeats what was released, and changes nothing.
    let again = closing.advance(Some(step.clone()), None, at(3));
    assert_eq!(
        (again.commit, again.release),
        (None, Some(Release::CloseStep))
    );
    let Closed::Now(closed) = step.close(Control::closing(&closing), at(4)) else {
        panic!("nobody is at work");
    };
    let over = closing.advance(Some(closed), None, at(5)).commit.unwrap();
    assert_eq!(over.finished().unwrap().outcome, Outcome::Cancelled);
}

#[test]
fn what_is_finished_counts_before_control() {
    let (waiting, step) = begun();
    let done = finished(leased(step, 2), 3);
    let ended = waiting.advance(Some(done), Some(stop()), at(4));
    let over = ended.commit.unwrap();
    assert_eq!(over.finished().unwrap().outcome, Outcome::Unchanged);
    assert_eq!(over.control(), None);
}

#[test]
fn an_end_is_offered_at_growing_gaps_for_thirty_days() {
    let mut over = head().advance(None, Some(stop()), at(0)).commit.unwrap();
    let (mut gaps, mut now) = (Vec::new(), at(120));
    while let Some(TellLook::Again(next)) = over.look_to_tell(now) {
        let due = next.due_at().unwrap();
        gaps.push(due.duration_since(now).as_secs() / 3600);
        assert_eq!(next.version(), over.version());
        (over, now) = (*next, due);
    }
    assert!(gaps.is_sorted(), "{gaps:?}");
    assert_eq!(gaps.last(), Some(&24), "an outage of any length ends");
    assert!(now > at(30 * 24 * 3600), "{now}");
    let told = over.all_told().unwrap();
    assert_eq!((told.look_to_tell(now), told.all_told()), (None, None));
    assert_eq!(told.told_later(None, now), None, "what is told stays told");
    assert_eq!(head().look_to_tell(at(60)), None);
}

#[test]
fn what_was_not_taken_is_told_when_the_provider_says_and_no_later_than_it_was_to_be() {
    let over = head().advance(None, Some(stop()), at(0)).commit.unwrap();
    assert_eq!(over.due_at(), Some(at(120)));
    assert_eq!(
        over.told_later(None, at(60)),
        None,
        "or each try would be one to tell"
    );
    let limited = over.told_later(Some(at(900)), at(60)).unwrap();
    assert_eq!(limited.due_at(), Some(at(900)));
    assert_eq!(limited.told_later(Some(at(900)), at(61)), None);
    let sooner = limited.told_later(None, at(61)).unwrap();
    assert_eq!(sooner.due_at(), Some(at(181)));
}

#[test]
fn an_end_in_doubt_is_due_until_it_is_told_again() {
    let over = head().advance(None, Some(stop()), at(0)).commit.unwrap();
    assert_eq!(
        over.told_again(None, at(20)),
        None,
        "it has not been told at all"
    );
    let told = over.all_told().unwrap();
    let in_doubt = told.told_again(None, at(20)).unwrap();
    assert_eq!(in_doubt.due_at(), Some(at(80)));
    assert_eq!(in_doubt.told_again(Some(at(900)), at(30)), None);
    let Some(TellLook::Again(next)) = in_doubt.look_to_tell(at(81)) else {
        panic!("nobody has told it yet");
    };
    assert!(next.due_at() > Some(at(81)));
    assert_eq!(next.all_told(), Some(told));
    assert_eq!(head().told_again(None, at(20)), None, "it is not over");
}

#[test]
fn parts_that_no_transition_leads_to_are_refused() {
    let (waiting, _) = begun();
    let mut parts = waiting.parts().clone();
    parts.state = HeadState::Closing(RunHead::only_step());
    assert_eq!(
        RunHead::from_parts(parts.clone()),
        Err(HeadError::NoControl)
    );
    parts.control = Some(Control::Deadline);
    assert_eq!(RunHead::from_parts(parts.clone()), Err(HeadError::NeverDue));
    parts.due_at = Some(at(0));
    assert!(RunHead::from_parts(parts).is_ok());
}

/// What may happen to a run. Whoever acts may have loaded the head and its step long before.
#[derive(Clone, Debug)]
enum Deed {
    Load(usize),
    Commit(usize),
    Stop(usize),
    Claim,
    Finish,
    Look,
    Wait(i64),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        (0_usize..3).prop_map(Deed::Load),
        (0_usize..3).prop_map(Deed::Commit),
        (0_usize..3).prop_map(Deed::Stop),
        Just(Deed::Claim),
        Just(Deed::Finish),
        Just(Deed::Look),
        (1_i64..4_000).prop_map(Deed::Wait),
    ]
}

/// A table with a run in it, and what three that look at it have loaded.
struct Table {
    head: RunHead,
    step: Option<StepAttempt>,
    loaded: [(RunHead, Option<StepAttempt>); 3],
    now: Timestamp,
}

impl Table {
    fn new() -> Self {
        Self {
            head: head(),
            step: None,
            loaded: std::array::from_fn(|_| (head(), None)),
            now: at(0),
        }
    }

    fn advance(&mut self, who: usize, wanted: Option<Control>) {
        let (loaded, step) = self.loaded[who].clone();
        let advance = loaded.advance(step, wanted, self.now);
        if let Some(prepared) = advance.prepare {
            let there = self.step.get_or_insert_with(|| prepared.clone());
            if there.has_begun() || !there.is_same_work(&prepared) {
                return;
            }
        }
        if let Some(next) = advance.commit {
            if self.head.version() != loaded.version() {
                return;
            }
            self.head = next;
        }
        if advance.release == Some(Release::CloseStep)
            && let Some(step) = self.step.clone()
            && let Closed::Now(closed) = step.close(Control::closing(&self.head), self.now)
        {
            self.step = Some(closed);
        }
    }

    fn act(&mut self, deed: &Deed) {
        match deed {
            Deed::Load(who) => self.loaded[*who] = (self.head.clone(), self.step.clone()),
            Deed::Commit(who) => self.advance(*who, None),
            Deed::Stop(who) => self.advance(*who, Some(stop())),
            Deed::Wait(seconds) => self.now += SignedDuration::from_secs(*seconds),
            Deed::Claim | Deed::Finish | Deed::Look => {
                if let Some(step) = self.step.clone() {
                    self.step = Some(self.changed(step, deed));
                }
            }
        }
    }

    fn changed(&self, step: StepAttempt, deed: &Deed) -> StepAttempt {
        let daemon: DaemonId = "a".parse().unwrap();
        let fence: Fence = step.fence();
        match deed {
            Deed::Claim if self.head.wants(step.id(), self.now) => {
                match step.clone().claim(&daemon, self.now) {
                    Claimed::Leased(step, _) | Claimed::GivenUp(step) => step,
                    Claimed::Held(_) | Claimed::Refused(_) => step,
                }
            }
            Deed::Finish => match step
                .clone()
                .finish(fence, Outcome::Unchanged.into(), self.now)
            {
                Ok(StepFinished::Now(step)) => step,
                Ok(StepFinished::Before(_)) | Err(_) => step,
            },
            Deed::Look => match step.clone().look(self.now) {
                StepLook::Send(step) | StepLook::Wait(step) | StepLook::GivenUp(step) => step,
                StepLook::Over => step,
            },
            _ => step,
        }
    }
}

proptest! {
    #[test]
    fn whoever_looks_at_it_and_whenever_a_run_ends_once_and_as_its_step_did(
        deeds in proptest::collection::vec(deed(), 0..80)
    ) {
        let mut table = Table::new();
        for deed in deeds {
            let before = table.head.clone();
            table.act(&deed);
            let after = &table.head;
            prop_assert!(after.version() >= before.version());
            if before.finished().is_some() {
                prop_assert_eq!(after, &before, "what is over stays as it is");
            } else if let (Some(end), Some(step)) = (after.finished(), &table.step)
                && before.names().is_some()
            {
                prop_assert_eq!(step.finished(), Some(end));
            }
            let waits = after.finished().is_none() && after.due_at().is_none();
            if waits {
                let step = table.step.as_ref().unwrap();
                prop_assert!(step.due_at().is_some(), "nothing waits for ever");
            }
            prop_assert_eq!(RunHead::from_parts(after.parts().clone()), Ok(after.clone()));
        }
    }

    #[test]
    fn a_reported_end_is_never_undone(
        deeds in proptest::collection::vec((0_u8..6, 0_i64..100), 0..40)
    ) {
        let (mut place, mut now): (Option<TrackingPlace>, _) = (None, at(0));
        for (deed, seconds) in deeds {
            now += SignedDuration::from_secs(seconds);
            let told = place.is_some_and(|place| place.is_told());
            let poster = PosterId(u32::from(deed));
            let next = match deed {
                0 => match TrackingPlace::turn(place, poster, now) {
                    PostTurn::First(place) => Some(place),
                    PostTurn::Edit(_) | PostTurn::Taken | PostTurn::Unreachable => None,
                },
                1 => place.map(|place| place.announced(MessageId::from(1))),
                2 => place.map(|place| place.told(MessageId::from(1))),
                3 => TrackingPlace::unreachable(place),
                4 => TrackingPlace::put_off(place, poster, now),
                _ => place.and_then(TrackingPlace::offered),
            };
            place = next.or(place);
            prop_assert!(!told || place.is_some_and(|place| place.is_told()));
        }
    }
}

#[test]
fn two_never_post_first_at_once() {
    let turn = |there, poster, second| TrackingPlace::turn(there, PosterId(poster), at(second));
    let PostTurn::First(first) = turn(None, 1, 0) else {
        panic!("nobody has posted");
    };
    assert_eq!(turn(Some(first), 2, 59), PostTurn::Taken);
    assert!(matches!(turn(Some(first), 2, 60), PostTurn::First(_)));
    let noted = first.announced(MessageId::from(5));
    assert_eq!(turn(Some(noted), 2, 1), PostTurn::Edit(MessageId::from(5)));
    assert_eq!(
        TrackingPlace::put_off(Some(noted), PosterId(1), at(9)),
        None
    );
    assert_eq!(
        TrackingPlace::put_off(Some(first), PosterId(2), at(9)),
        None
    );
    let off = TrackingPlace::put_off(Some(first), PosterId(1), at(9)).unwrap();
    assert_eq!(
        (off.state(), off.due_at()),
        (TrackingState::PutOff, Some(at(9)))
    );
    let offered = off.offered().unwrap();
    assert_eq!((offered.due_at(), offered.offered()), (None, None));
    assert!(matches!(turn(Some(offered), 3, 10), PostTurn::First(_)));
}
