//! The traces of the run protocol's model, gone step by step with the real transitions on a real table: whatever the model
//! says of an item after a step, the table says too.

mod actor;
mod items;
mod requests;

use std::collections::BTreeMap;

use domain::{RunHead, StepAttempt, TrackingPlace, TrackingState};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use store::{Store, Versioned};

use crate::support::{World, at, world};
use actor::Actor;
use requests::{Requests, number, run_key};

const TRACES: &str = include_str!("../../../../tests/model/tests/traces.json");

/// Ways that are not gone here, and why.
const NOT_GONE: [(&str, &str); 6] = [
    (
        "a key of its own",
        "no definition has runs beside one another yet",
    ),
    ("bells", "plans have one node yet"),
    ("any of two", "plans have one node yet"),
    (
        "gives the step up",
        "the model gives a step up after two losses, to be smaller",
    ),
    (
        "the definition is archived",
        "definitions are part of the program yet",
    ),
    (
        "the bell of run  is lost",
        "a bell is a call here, which is lost with its caller",
    ),
];

/// One way, with what there is in it.
struct Replay {
    world: World,
    requests: Requests,
    now: Timestamp,
    actors: BTreeMap<String, Actor>,
}

impl Replay {
    fn store(&self) -> &Store {
        &self.world.store
    }

    /// The step of a run such as `run 1`.
    async fn step(&self, run: &str) -> Versioned<StepAttempt> {
        let (key, named) = (run_key(run), RunHead::only_step());
        self.store().step(&key, &named).await.unwrap().unwrap()
    }

    /// The place where it is told.
    async fn place(&self, run: &str) -> Versioned<TrackingPlace> {
        let key = run_key(run);
        self.store().tracking_place(&key).await.unwrap().unwrap()
    }

    async fn go(&mut self, action: &Value) {
        let (kind, what) = match action {
            Value::Object(map) => map.iter().next().unwrap(),
            other => panic!("{other}"),
        };
        match kind.as_str() {
            "begin" => self.begin(what).await,
            "do" => {
                let name = what["actor"].as_str().unwrap();
                let (effect, about) = match &what["effect"] {
                    Value::String(effect) => (effect.as_str(), None),
                    Value::Object(map) => {
                        let (effect, about) = map.iter().next().unwrap();
                        (effect.as_str(), about.as_str())
                    }
                    other => panic!("{other}"),
                };
                let mut actor = self.actors.remove(name).unwrap();
                actor.act(self, effect, about).await;
                self.actors.insert(name.to_owned(), actor);
            }
            "receive_job" => {
                let run = what["run"].as_str().unwrap();
                let mut actor = Actor::on(run);
                actor.act(self, "read_head", None).await;
                let daemon = what["daemon"].as_str().unwrap();
                self.actors.insert(daemon.to_owned(), actor);
            }
            "finish_job" => self.daemon(what, "finish_step").await,
            "give_back_job" => self.daemon(what, "queue_step").await,
            "heartbeat" => {
                let actor = self.actors.get_mut(what.as_str().unwrap());
                actor.unwrap().hears_of_the_stop();
            }
            "look_at_head" => self.look_at_head(what.as_str().unwrap()).await,
            "lease_runs_out" => self.lapse(what[0].as_str().unwrap()).await,
            "poster_lapses" => {
                let place = self.place(what.as_str().unwrap()).await;
                if let TrackingState::Posting { until, .. } = place.value().state() {
                    self.now = self.now.max(until);
                }
            }
            "fault" => self.fault(what).await,
            other => panic!("{other} is not known here"),
        }
    }

    async fn begin(&mut self, what: &Value) {
        let (kind, about) = match &what["trigger"] {
            Value::Object(map) => map.iter().next().unwrap(),
            other => panic!("{other}"),
        };
        let (mut actor, first) = match kind.as_str() {
            "delivery" | "next" | "ask_due" => {
                let delivery = number(about.as_str().unwrap());
                (Actor::for_delivery(delivery), "read_delivery")
            }
            "bell" => (Actor::on(about.as_str().unwrap()), "load_run"),
            "record" => (Actor::on(about.as_str().unwrap()), "read_place"),
            "step_due" => (Actor::on(about[0].as_str().unwrap()), "read_step"),
            other => panic!("{other} is not known here"),
        };
        actor.act(self, first, None).await;
        let process = what["process"].as_str().unwrap();
        self.actors.insert(process.to_owned(), actor);
    }

    async fn daemon(&mut self, name: &Value, effect: &str) {
        let name = name.as_str().unwrap();
        let mut actor = self.actors.remove(name).unwrap();
        actor.act(self, effect, None).await;
        self.actors.insert(name.to_owned(), actor);
    }

    /// An end that is not told is offered to the stream again, by which nothing but its due time changes.
    async fn look_at_head(&self, run: &str) {
        let head = self.store().head(&run_key(run)).await.unwrap().unwrap();
        if let Some(domain::TellLook::Again(next)) = head.look_to_tell(self.now) {
            self.store().move_head(&next).await.unwrap();
        }
    }

    async fn lapse(&mut self, run: &str) {
        let step = self.step(run).await;
        let lease = step.value().lease(step.value().fence()).unwrap();
        self.now = self.now.max(lease.expires_at);
    }

    async fn fault(&mut self, what: &Value) {
        let (kind, about) = match what {
            Value::Object(map) => map.iter().next().unwrap(),
            // A bell or a message is lost: what becomes of that, the next steps say.
            Value::String(_) => return,
            other => panic!("{other}"),
        };
        match kind.as_str() {
            "crash" => drop(self.actors.remove(about.as_str().unwrap())),
            "slow_daemon" => self.lapse(about[0].as_str().unwrap()).await,
            "deadline_passes" => self.now += RunHead::LIFETIME + SignedDuration::from_secs(1),
            // What becomes of messages and records, the next steps say.
            _ => {}
        }
    }
}

fn is_gone(trace: &Value) -> bool {
    let words = |step: &Value| step["words"].as_str().unwrap().to_owned();
    let all: Vec<String> = trace["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(words)
        .collect();
    let plain = |text: &str| text.replace(|letter: char| letter.is_ascii_digit(), "");
    !NOT_GONE.iter().any(|(what, _)| {
        let named = trace["scenario"].as_str() == Some(what);
        named || all.iter().any(|step| plain(step).contains(what))
    })
}

#[tokio::test]
async fn the_table_says_what_the_model_says_after_every_step() {
    let traces: Vec<Value> = serde_json::from_str(TRACES).unwrap();
    let (mut ways, mut compared) = (0, 0);
    for trace in traces.iter().filter(|trace| is_gone(trace)) {
        let scenario = trace["scenario"].as_str().unwrap();
        let mut replay = Replay {
            world: world().await,
            requests: Requests::of(scenario),
            now: at(0),
            actors: BTreeMap::new(),
        };
        for (step, place) in trace["steps"].as_array().unwrap().iter().zip(1..) {
            replay.go(&step["action"]).await;
            for item in step["items"].as_array().into_iter().flatten() {
                let (expected, found) = items::compared(&replay, item).await;
                let where_ = format!("{scenario}, step {place}: {}", step["words"]);
                assert_eq!(found, expected, "{where_}");
                compared += 1;
            }
        }
        ways += 1;
    }
    println!("{ways} ways of {}, {compared} items", traces.len());
    assert!(
        ways >= 19 && compared > 150,
        "{ways} ways, {compared} items"
    );
}
