use proptest::prelude::*;

use super::*;
use crate::{ClaimRefused, DaemonId, End, Failure, FailureKind, FinishRefused, SeededRandom};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn daemon(name: &str) -> DaemonId {
    name.parse().unwrap()
}

fn run() -> RunId {
    RunId::mint(at(0), &SeededRandom::new(1))
}

fn queued() -> StepAttempt {
    let id = StepRef::first(NodePath::work());
    StepAttempt::prepared(id, run(), HeadVersion::FIRST, at(120))
}

fn leased(step: StepAttempt, name: &str, second: i64) -> StepAttempt {
    match step.claim(&daemon(name), at(second)) {
        Claimed::Leased(step, _) => step,
        other => panic!("{other:?}"),
    }
}

fn refused(claimed: Claimed) -> ClaimRefused {
    match claimed {
        Claimed::Refused(refused) => refused,
        other => panic!("{other:?}"),
    }
}

/// What is over after a call that ends it.
fn over(finished: Result<StepFinished, FinishRefused>) -> StepAttempt {
    match finished.unwrap() {
        StepFinished::Now(step) => step,
        StepFinished::Before(step) => panic!("{step:?}"),
    }
}

fn released(step: StepAttempt, why: GiveBack, second: i64) -> StepReleased {
    let fence = step.fence();
    let deadline = at(6 * 3600);
    step.release(fence, (why, None), deadline, at(second))
        .unwrap()
}

#[test]
fn whoever_prepares_an_attempt_prepares_the_same() {
    assert_eq!(queued(), queued());
    let other = RunId::mint(at(0), &SeededRandom::new(2));
    let id = StepRef::first(NodePath::work());
    assert_ne!(id.job(run()), id.job(other));
    let again = StepRef {
        attempt: 2,
        ..id.clone()
    };
    assert_ne!(id.job(run()), again.job(run()));
    assert!(id.job(run()) == queued().job() && queued().is_same_work(&queued()));
    assert_eq!(queued().job().to_string().parse(), Ok(queued().job()));
}

#[test]
fn each_claim_has_a_higher_fence() {
    let first = leased(queued(), "a", 0);
    assert_eq!(first.lease(Fence(1)).unwrap().expires_at, at(120));
    let second = leased(first, "b", 121);
    assert_eq!((second.fence(), second.leases().lost), (Fence(2), 1));
    let StepReleased::Now(back) = released(second, GiveBack::Shutdown, 130) else {
        panic!("it waits for another");
    };
    assert_eq!(back.lease(Fence(2)), Err(LeaseRefused::Stale));
    let third = leased(back, "c", 131);
    assert_eq!((third.fence(), third.leases().lost), (Fence(3), 1));
}

#[test]
fn a_live_lease_keeps_others_out_but_not_its_holder() {
    let held = leased(queued(), "a", 0);
    let others = |now| refused(held.clone().claim(&daemon("b"), at(now)));
    let until = at(120);
    assert_eq!(others(70), ClaimRefused::Leased { until });
    // Every heartbeat leaves more than this.
    assert_eq!(others(71), ClaimRefused::Waiting { until });
    assert_eq!(others(119), ClaimRefused::Waiting { until });
    let again = held.clone().claim(&daemon("a"), at(5));
    let lease = held.lease(Fence(1)).unwrap().clone();
    assert_eq!(again, Claimed::Held(lease));
}

#[test]
fn a_fresh_lease_is_left_as_it_is_and_every_regular_heartbeat_extends() {
    let held = leased(queued(), "a", 0);
    let (lease, written) = held.clone().heartbeat(Fence(1), at(30)).unwrap();
    assert_eq!((lease.expires_at, written), (at(120), None));
    let (lease, written) = held.clone().heartbeat(Fence(1), at(31)).unwrap();
    assert_eq!(lease.expires_at, at(151));
    let (lease, _) = written.unwrap().heartbeat(Fence(1), at(71)).unwrap();
    assert_eq!(lease.expires_at, at(191));
    assert_eq!(held.heartbeat(Fence(9), at(72)), Err(LeaseRefused::Stale));
}

#[test]
fn only_the_newest_fence_may_finish_and_only_once() {
    let held = leased(leased(queued(), "a", 0), "b", 130);
    let end = |outcome: Outcome| End::from(outcome);
    let zombie = held
        .clone()
        .finish(Fence(1), end(Outcome::Cancelled), at(131));
    assert_eq!(zombie, Err(FinishRefused::Stale));
    let done = over(held.finish(Fence(2), end(Outcome::Cancelled), at(132)));
    assert_eq!(done.finished().unwrap().started_at, Some(at(130)));
    assert!(done.due_at().is_some(), "its run has not taken note");
    let again = done
        .clone()
        .finish(Fence(2), end(Outcome::Cancelled), at(140));
    assert_eq!(again, Ok(StepFinished::Before(done.clone())));
    for (fence, refused) in [(2, FinishRefused::Finished), (1, FinishRefused::Stale)] {
        let other = done
            .clone()
            .finish(Fence(fence), end(Outcome::Expired), at(141));
        assert_eq!(other, Err(refused));
    }
    let claimed = refused(done.clone().claim(&daemon("c"), at(500)));
    assert_eq!(claimed, ClaimRefused::Finished);
    let settled = done.settled().unwrap();
    assert_eq!(settled.due_at(), None);
    assert_eq!(settled.settled(), None);
}

#[test]
fn a_step_that_kills_its_workers_is_given_up_after_three_losses_however_often_it_was_given_back() {
    let mut step = leased(queued(), "a", 0);
    for second in [1, 2, 3] {
        let StepReleased::Now(back) = released(step, GiveBack::Shutdown, second) else {
            panic!("it waits for another");
        };
        step = leased(back, "a", second);
    }
    for lost in [1, 2] {
        step = leased(step, "a", lost * 200);
        assert_eq!(step.leases().lost, u32::try_from(lost).unwrap());
    }
    let Claimed::GivenUp(over) = step.claim(&daemon("a"), at(1000)) else {
        panic!("that was the third");
    };
    let failure = Failure::from(FailureKind::WorkerLost);
    assert_eq!(
        over.finished().unwrap().outcome,
        Outcome::Failed { failure }
    );
}

#[test]
fn what_is_given_back_waits_as_long_as_makes_sense() {
    let held = leased(queued(), "a", 0);
    let StepReleased::Now(back) = released(held.clone(), GiveBack::Shutdown, 10) else {
        panic!("it waits for another");
    };
    assert_eq!((back.not_before(), back.due_at()), (None, Some(at(70))));
    let again = back
        .clone()
        .release(Fence(1), (GiveBack::Shutdown, None), at(9999), at(20));
    assert_eq!(again, Ok(StepReleased::Before(back)));

    let limited = (GiveBack::ModelLimited, Some(at(3_000)));
    let waits = held.clone().release(Fence(1), limited, at(9_000), at(10));
    let Ok(StepReleased::Now(waits)) = waits else {
        panic!("{waits:?}");
    };
    assert_eq!(waits.not_before(), Some(at(3_000)));
    let early = refused(waits.clone().claim(&daemon("b"), at(2_999)));
    assert_eq!(early, ClaimRefused::Waiting { until: at(3_000) });
    assert_eq!(leased(waits, "b", 3_000).fence(), Fence(2));

    let late = held.release(Fence(1), limited, at(3_000), at(10));
    let Ok(StepReleased::GivenUp(late)) = late else {
        panic!("{late:?}");
    };
    let failure = Failure::from(FailureKind::ModelLimited).retry_at(at(3_000));
    assert_eq!(
        late.finished().unwrap().outcome,
        Outcome::Failed { failure }
    );
}

#[test]
fn machines_may_turn_out_to_be_unfit_ten_times() {
    let mut step = leased(queued(), "a", 0);
    let (mut now, mut waits) = (0, Vec::new());
    let over = loop {
        match released(step, GiveBack::Environment, now) {
            StepReleased::Now(back) => {
                let until = back.not_before().map_or(now, Timestamp::as_second);
                waits.push(until - now);
                now = until;
                step = leased(back, "a", now);
            }
            StepReleased::GivenUp(over) => break over,
            StepReleased::Before(step) => panic!("{step:?}"),
        }
    };
    assert_eq!(waits, [0, 30, 60, 120, 240, 480, 900, 900, 900]);
    let failure = Failure::from(FailureKind::WorkersUnfit);
    assert_eq!(
        over.finished().unwrap().outcome,
        Outcome::Failed { failure }
    );
}

#[test]
fn what_waits_is_sent_again_less_and_less_often() {
    let (mut step, mut gaps) = (queued(), Vec::new());
    for _ in 0..7 {
        let now = step.due_at().unwrap();
        let StepLook::Send(next) = step.look(now) else {
            panic!("it waits");
        };
        gaps.push(next.due_at().unwrap().duration_since(now).as_secs() / 60);
        step = next;
    }
    assert_eq!(gaps, [4, 8, 16, 32, 60, 60, 60]);
}

#[test]
fn a_step_that_is_due_is_judged_by_its_lease() {
    let held = leased(queued(), "a", 100);
    let StepLook::Wait(held) = held.look(at(120)) else {
        panic!("somebody is at work");
    };
    assert_eq!(held.due_at(), Some(at(280)));
    assert!(matches!(held.clone().look(at(280)), StepLook::Send(_)));
    let closed = held.clone().close(Outcome::Cancelled, at(120));
    assert_eq!(closed, Closed::AtWork);

    let lost = leased(leased(held, "b", 300), "c", 500);
    assert!(matches!(lost.clone().look(at(900)), StepLook::GivenUp(_)));
    let Closed::Now(over) = lost.close(Outcome::Cancelled, at(900)) else {
        panic!("nobody is at work");
    };
    assert_eq!(over.finished().unwrap().started_at, Some(at(500)));
    assert_eq!(over.clone().look(at(901)), StepLook::Over);
    assert_eq!(over.close(Outcome::Expired, at(901)), Closed::Before);
}

#[test]
fn parts_that_no_transition_leads_to_are_refused() {
    let step = leased(queued(), "a", 0);
    let lease = step.lease(Fence(1)).unwrap().clone();
    let parts = |state, fence, due: Option<i64>| StepParts {
        id: step.id().clone(),
        job: step.job(),
        basis: step.basis(),
        state,
        fence: Fence(fence),
        leases: Leases::default(),
        due_at: due.map(at),
    };
    let queued = |given_back| StepState::Queued {
        resends: 0,
        given_back,
    };
    let running = || StepState::Running(lease.clone());
    assert!(StepAttempt::from_parts(parts(running(), 1, Some(0))).is_ok());
    for (state, fence, due, error) in [
        (running(), 2, Some(0), StepError::Fence),
        (
            queued(Some(GiveBack::Shutdown)),
            0,
            Some(0),
            StepError::NeverHeld,
        ),
        (queued(None), 0, None, StepError::NeverDue),
        (running(), 1, None, StepError::NeverDue),
    ] {
        assert_eq!(
            StepAttempt::from_parts(parts(state, fence, due)),
            Err(error)
        );
    }
}

/// What may be done to a step.
#[derive(Clone, Debug)]
enum Deed {
    Claim(u8),
    Heartbeat(u32),
    Finish(u32),
    Release(u32, GiveBack),
    Close,
    Look,
    Wait(i64),
}

fn deed() -> impl Strategy<Value = Deed> {
    let why = prop_oneof![
        Just(GiveBack::Shutdown),
        Just(GiveBack::Environment),
        Just(GiveBack::ModelLimited)
    ];
    prop_oneof![
        (0_u8..3).prop_map(Deed::Claim),
        (0_u32..6).prop_map(Deed::Heartbeat),
        (0_u32..6).prop_map(Deed::Finish),
        (0_u32..6, why).prop_map(|(fence, why)| Deed::Release(fence, why)),
        Just(Deed::Close),
        Just(Deed::Look),
        (1_i64..400).prop_map(Deed::Wait),
    ]
}

/// The step after a deed that changed it.
fn done(step: StepAttempt, deed: &Deed, now: Timestamp) -> Option<StepAttempt> {
    match deed {
        Deed::Claim(who) => match step.claim(&daemon(&format!("d{who}")), now) {
            Claimed::Leased(step, _) | Claimed::GivenUp(step) => Some(step),
            Claimed::Held(_) | Claimed::Refused(_) => None,
        },
        Deed::Heartbeat(fence) => step.heartbeat(Fence(*fence), now).ok()?.1,
        Deed::Finish(fence) => match step.finish(Fence(*fence), Outcome::Unchanged.into(), now) {
            Ok(StepFinished::Now(step)) => Some(step),
            Ok(StepFinished::Before(_)) | Err(_) => None,
        },
        Deed::Release(fence, why) => {
            match step.release(Fence(*fence), (*why, None), at(20_000), now) {
                Ok(StepReleased::Now(step) | StepReleased::GivenUp(step)) => Some(step),
                Ok(StepReleased::Before(_)) | Err(_) => None,
            }
        }
        Deed::Close => match step.close(Outcome::Cancelled, now) {
            Closed::Now(step) => Some(step),
            Closed::AtWork | Closed::Before => None,
        },
        Deed::Look => match step.look(now) {
            StepLook::Send(step) | StepLook::Wait(step) | StepLook::GivenUp(step) => Some(step),
            StepLook::Over => None,
        },
        Deed::Wait(_) => None,
    }
}

proptest! {
    #[test]
    fn whatever_is_done_a_step_ends_once_its_fence_grows_and_only_losses_count(
        deeds in proptest::collection::vec(deed(), 0..60)
    ) {
        let (mut step, mut now) = (queued(), at(0));
        for deed in deeds {
            if let Deed::Wait(seconds) = deed {
                now += SignedDuration::from_secs(seconds);
            }
            let before = step.clone();
            let Some(next) = done(step.clone(), &deed, now) else { continue };
            step = next;
            prop_assert!(before.finished().is_none(), "what is over changes no more");
            prop_assert!(step.fence() >= before.fence());
            prop_assert!(step.fence().0 - before.fence().0 <= 1);
            let lost = step.leases().lost - before.leases().lost;
            let taken_over = matches!(before.state(), StepState::Running(_))
                && step.fence() > before.fence();
            prop_assert_eq!(lost == 1, taken_over);
            prop_assert!(step.leases().lost < StepAttempt::LOSSES);
            prop_assert!(step.due_at().is_some(), "nothing waits for ever");
            prop_assert_eq!(StepAttempt::from_parts(step.parts()), Ok(step.clone()));
        }
    }
}
