//! One that carries out use cases, and what it knows so far.

use domain::{
    Advance, Claimed, Closed, Control, Delivery, End, GiveBack, MessageId, Outcome, PostTurn,
    PosterId, Refusal, Release, RunHead, RunKey, RunOrder, RunSequence, Start, StepAttempt,
    StepFinished, StepReleased, StopRequest, TrackingPlace, Verdict,
};
use store::{HeadWritten, Prepared, Swap, Versioned};
use testkit::IMPLEMENT;

use super::{
    Replay,
    requests::{key_at, key_of, number, run_key},
};
use crate::support::at;

/// What it knows so far. It is gone if it dies.
#[derive(Default)]
pub(super) struct Actor {
    delivery: usize,
    record: Option<Versioned<Delivery>>,
    sequence: u32,
    run: Option<RunKey>,
    head: Option<RunHead>,
    step: Option<Versioned<StepAttempt>>,
    own: Option<Versioned<StepAttempt>>,
    wanted: Option<Control>,
    advance: Option<Advance>,
    place: Option<Versioned<TrackingPlace>>,
    stopped: Vec<RunKey>,
    fence: u32,
    hears: bool,
}

impl Actor {
    /// One that deals with a delivery.
    pub(super) fn for_delivery(delivery: usize) -> Self {
        Self {
            delivery,
            ..Self::default()
        }
    }

    /// One that deals with a run such as `run 1`.
    pub(super) fn on(run: &str) -> Self {
        Self {
            run: Some(run_key(run)),
            ..Self::default()
        }
    }

    pub(super) fn hears_of_the_stop(&mut self) {
        self.hears = true;
    }

    fn key(&self) -> RunKey {
        self.run.clone().unwrap_or_else(|| key_at(self.sequence))
    }

    /// Does what an effect says, as the use case of that name does.
    pub(super) async fn act(&mut self, replay: &Replay, effect: &str, about: Option<&str>) {
        match effect {
            "read_delivery" | "find_place" | "name_place" | "put_head" | "refuse_delivery"
            | "note_waiting" | "put_ask" | "delete_ask" => self.start(replay, effect).await,
            "put_halt" | "find_runs" | "name_places_to_stop" => self.stop(replay, effect).await,
            "refuse_waiting" | "delete_refused" => {
                let delivery = number(about.unwrap());
                self.refuse(replay, effect, delivery).await;
            }
            "load_run" | "read_halt" | "prepare_step" | "commit" | "close_step"
            | "clear_step_due" => self.look(replay, effect).await,
            "read_head" | "take_lease" | "finish_step" | "queue_step" | "read_step"
            | "clear_unnamed_due" => self.work(replay, effect).await,
            "read_place" | "put_place" | "read_run" | "find_comment" | "post_comment"
            | "note_place" | "read_run_again" | "note_told" | "clear_head_due" => {
                self.tell(replay, effect).await;
            }
            // Messages change no item, and are the next steps' to bring.
            "send_job" | "ring_run" | "ring_next" => {}
            other => panic!("{other} is not known here"),
        }
    }

    fn start_of(order: &RunOrder, sequence: u32) -> Box<Start> {
        Box::new(Start {
            run: key_at(sequence),
            id: order.id,
            version: order.definition.version,
            revision: None,
        })
    }

    async fn start(&mut self, replay: &Replay, effect: &str) {
        let (store, now) = (replay.store(), replay.now);
        if effect == "read_delivery" {
            let key = key_of(self.delivery);
            self.record = store.versioned_delivery(&key, now).await.unwrap();
            if let Some(Verdict::Starting { start }) = self.verdict() {
                self.sequence = start.run.sequence.0;
            }
            self.stopped = match self.verdict() {
                Some(Verdict::Stopping { runs, .. }) => runs,
                _ => Vec::new(),
            };
            self.wanted = replay.requests.stop(self.delivery).map(Control::Stop);
            self.run = self.stopped.first().cloned();
            return;
        }
        let order = replay.requests.order(self.delivery);
        match effect {
            "find_place" => self.find_place(replay, &order).await,
            "name_place" => {
                let start = Self::start_of(&order, self.sequence);
                self.swap(replay, Verdict::Starting { start }).await;
            }
            "put_head" => {
                let head = RunHead::put(order.clone(), RunSequence(self.sequence), now);
                if let HeadWritten::Newer(there) = store.put_head(&head).await.unwrap()
                    && there.id() != order.id
                    && there.finished().is_some()
                {
                    self.sequence += 1;
                }
            }
            "refuse_delivery" => {
                let refusal = Refusal::Broken;
                self.swap(
                    replay,
                    Verdict::Refused {
                        refusal,
                        reply: None,
                    },
                )
                .await;
            }
            "note_waiting" => {
                let start = Self::start_of(&order, self.sequence);
                self.swap(replay, Verdict::Waiting { start }).await;
            }
            "put_ask" => store.put_ask(&order, now).await.unwrap(),
            _ => {
                let subject = order.subject.key();
                store
                    .delete_ask(&subject, IMPLEMENT, order.id)
                    .await
                    .unwrap();
            }
        }
    }

    async fn find_place(&mut self, replay: &Replay, order: &RunOrder) {
        let subject = order.subject.key();
        let heads = replay
            .store()
            .newest_heads(&subject, IMPLEMENT, 10)
            .await
            .unwrap();
        let request = order.origin.idempotency_key();
        let same = heads
            .iter()
            .find(|head| head.origin().idempotency_key() == request);
        let newest = heads.first();
        self.sequence = match (same, newest) {
            (Some(head), _) => head.sequence().0,
            (None, Some(head)) if head.finished().is_none() => head.sequence().0,
            (None, newest) => newest.map_or(1, |head| head.sequence().0 + 1),
        };
    }

    fn verdict(&self) -> Option<Verdict> {
        self.record
            .as_ref()
            .map(|read| read.value().verdict.clone())
    }

    /// Swaps the delivery's record. Who was too late reads it again, as the next step says.
    async fn swap(&mut self, replay: &Replay, verdict: Verdict) {
        let next = delivery(self.delivery, verdict);
        let swap = replay
            .store()
            .swap_delivery(self.record.as_ref(), &next, replay.now);
        if let Swap::Written(record) = swap.await.unwrap() {
            self.record = Some(record);
        }
    }

    fn request(&self, replay: &Replay) -> StopRequest {
        replay.requests.stop(self.delivery).unwrap()
    }

    async fn stop(&mut self, replay: &Replay, effect: &str) {
        let (store, request) = (replay.store(), self.request(replay));
        let subject = replay.requests.order(1).subject.key();
        match effect {
            "put_halt" => store
                .put_stop(&subject, &request, replay.now)
                .await
                .unwrap(),
            "find_runs" => {
                let newest = store.newest_heads(&subject, IMPLEMENT, 1).await.unwrap();
                let meant = |head: &RunHead| {
                    head.finished().is_none() && request.covers(head.origin().asked())
                };
                let found = newest.into_iter().filter(meant);
                self.stopped = found.map(|head| head.key()).collect();
            }
            _ => {
                let runs = self.stopped.clone();
                self.swap(replay, Verdict::Stopping { runs, waiting: 0 })
                    .await;
            }
        }
        self.run = self.stopped.first().cloned();
    }

    /// Refuses another delivery that waits.
    async fn refuse(&self, replay: &Replay, effect: &str, waiting: usize) {
        let (store, order) = (replay.store(), replay.requests.order(waiting));
        if effect == "delete_refused" {
            let subject = order.subject.key();
            return store
                .delete_ask(&subject, IMPLEMENT, order.id)
                .await
                .unwrap();
        }
        let read = store
            .versioned_delivery(&key_of(waiting), replay.now)
            .await
            .unwrap();
        let refusal = Refusal::Stopped;
        let next = delivery(
            waiting,
            Verdict::Refused {
                refusal,
                reply: None,
            },
        );
        store
            .swap_delivery(read.as_ref(), &next, replay.now)
            .await
            .unwrap();
    }

    async fn look(&mut self, replay: &Replay, effect: &str) {
        let (store, now, key) = (replay.store(), replay.now, self.key());
        match effect {
            "load_run" => {
                self.head = store.head(&key).await.unwrap();
                let named = self.head.as_ref().and_then(RunHead::names);
                self.step = match (self.own.take(), named) {
                    (Some(own), Some(_)) => Some(own),
                    (None, Some(named)) => store.step(&key, named).await.unwrap(),
                    (_, None) => None,
                };
                self.decide(replay);
            }
            "read_halt" => {
                let head = self.head.as_ref().unwrap();
                assert!(head.is_unbegun(), "only then it is read");
                let stop = store.stop(&key.subject).await.unwrap();
                if let Some(stop) = stop.filter(|stop| stop.covers(head.origin().asked())) {
                    self.wanted = Some(Control::Stop(stop));
                }
                self.decide(replay);
            }
            "prepare_step" => {
                let prepared = self.advance.as_ref().unwrap().prepare.clone().unwrap();
                let done = store.prepare_step(&key, &prepared).await.unwrap();
                assert_ne!(done, Prepared::Differs, "one place is one run");
            }
            "commit" => {
                let next = self.advance.as_ref().unwrap().commit.clone().unwrap();
                if store.commit_head(&next).await.unwrap() == HeadWritten::Written {
                    self.head = Some(next);
                }
            }
            "close_step" => {
                let head = self.head.clone().unwrap();
                assert_eq!(
                    self.advance.as_ref().unwrap().release,
                    Some(Release::CloseStep)
                );
                let read = store
                    .step(&key, &RunHead::only_step())
                    .await
                    .unwrap()
                    .unwrap();
                let closed = read.value().clone().close(Control::closing(&head), now);
                if let Closed::Now(closed) = closed {
                    store.swap_step(&key, &read, closed).await.unwrap();
                }
            }
            _ => {
                let settled = self.advance.as_ref().unwrap().settle.clone().unwrap();
                let read = self.step.take().unwrap();
                store.swap_step(&key, &read, settled).await.unwrap();
            }
        }
    }

    /// The pure part, which the effects that follow have to agree with.
    fn decide(&mut self, replay: &Replay) {
        let step = self.step.as_ref().map(|step| step.value().clone());
        let head = self.head.as_ref();
        let advance = head.map(|head| head.advance(step, self.wanted.clone(), replay.now));
        self.advance = advance;
    }

    async fn work(&mut self, replay: &Replay, effect: &str) {
        let (store, now, key) = (replay.store(), replay.now, self.key());
        let named = RunHead::only_step();
        if effect == "read_head" {
            self.head = store.head(&key).await.unwrap();
            return;
        }
        let Some(read) = store.step(&key, &named).await.unwrap() else {
            return;
        };
        let step = read.value().clone();
        let fence = domain::Fence(self.fence);
        let next = match effect {
            "take_lease" => match step.claim(&"daemon".parse().unwrap(), now) {
                Claimed::Leased(next, lease) => {
                    self.fence = lease.fence.0;
                    Some(next)
                }
                Claimed::GivenUp(next) => Some(next),
                Claimed::Held(_) | Claimed::Refused(_) => None,
            },
            "finish_step" => {
                let outcome = if self.hears {
                    Outcome::Cancelled
                } else {
                    Outcome::Unchanged
                };
                match step.finish(fence, End::from(outcome), now) {
                    Ok(StepFinished::Now(next)) => Some(next),
                    Ok(StepFinished::Before(_)) | Err(_) => None,
                }
            }
            "queue_step" => {
                let deadline = at(i64::from(i32::MAX));
                match step.release(fence, (GiveBack::Shutdown, None), deadline, now) {
                    Ok(StepReleased::Now(next)) => Some(next),
                    other => panic!("{other:?}"),
                }
            }
            "read_step" => {
                self.head = store.head(&key).await.unwrap();
                None
            }
            _ => {
                let head = self.head.as_ref().unwrap();
                assert!(head.names() != Some(&named) && head.version() > step.basis());
                Some(step.abandoned())
            }
        };
        let swapped = match next {
            Some(next) => match store.swap_step(&key, &read, next).await.unwrap() {
                Swap::Written(step) => step,
                other => panic!("nobody else is at it: {other:?}"),
            },
            None => read,
        };
        self.own = swapped.value().finished().is_some().then_some(swapped);
    }

    async fn tell(&mut self, replay: &Replay, effect: &str) {
        let (store, now, key) = (replay.store(), replay.now, self.key());
        match effect {
            "read_place" => self.place = store.tracking_place(&key).await.unwrap(),
            "put_place" => {
                let there = self.place.as_ref().map(|place| *place.value());
                let PostTurn::First(next) = TrackingPlace::turn(there, PosterId(7), now) else {
                    panic!("the model posts first");
                };
                let swap = store.swap_tracking_place(&key, self.place.as_ref(), next);
                if let Swap::Written(place) = swap.await.unwrap() {
                    self.place = Some(place);
                }
            }
            "read_run" | "read_run_again" => self.head = store.head(&key).await.unwrap(),
            "note_place" | "note_told" => {
                let over = self.head.as_ref().unwrap().finished().is_some();
                let there = *self.place.as_ref().unwrap().value();
                let next = if over {
                    there.told(MessageId::from(5))
                } else {
                    there.announced(MessageId::from(5))
                };
                let swap = store.swap_tracking_place(&key, self.place.as_ref(), next);
                if let Swap::Written(place) = swap.await.unwrap() {
                    self.place = Some(place);
                }
            }
            "clear_head_due" => {
                if let Some(next) = self.head.as_ref().and_then(RunHead::all_told) {
                    store.move_head(&next).await.unwrap();
                }
            }
            // To look for a comment and to post changes no item.
            _ => {}
        }
    }
}

fn delivery(number: usize, verdict: Verdict) -> Delivery {
    Delivery {
        key: key_of(number),
        trace: domain::TraceId::mint(&domain::SeededRandom::new(1)),
        received_at: at(0),
        verdict,
        steps: Vec::new(),
        due_at: None,
    }
}
