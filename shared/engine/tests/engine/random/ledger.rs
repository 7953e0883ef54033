//! A world that does whatever is ready in a random order, and keeps a book of all that was asked for.

use std::collections::{BTreeMap, BTreeSet};

use domain::RunId;
use engine::{
    Effect, Event, Given, NodeError, OutputKey, Outputs, Part, Plan, Purpose, State, Step,
    StepOutcome, Stop, Waiting, advance, evaluate, open, redrive, run_result,
};
use serde_json::{Value, json};

use super::{
    chance::Chance,
    interpreter::{FAILURE, gives, succeeds},
};
use crate::world::run_id;

/// What is open.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Item {
    /// Something that only time ends.
    Timer,
    /// A call.
    Call,
    /// A delay before a further try.
    Delay,
}

pub(super) struct Ledger<'a> {
    plan: &'a Plan,
    run: RunId,
    input: Value,
    seed: u64,
    chance: Chance,
    pub(super) state: State,
    outputs: Outputs,
    computations: Vec<(Step, Purpose)>,
    items: BTreeMap<Step, Item>,
    closing: BTreeSet<Step>,
    /// All steps for which something was ever asked, by what was asked.
    ever: BTreeSet<(Step, &'static str)>,
    history: Vec<Event>,
    meddles: bool,
    pub(super) ends: usize,
}

impl<'a> Ledger<'a> {
    pub(super) fn new(plan: &'a Plan, seed: u64, schedule: u64) -> Self {
        Self {
            plan,
            run: run_id(seed),
            input: json!({"input": 1}),
            seed,
            chance: Chance::new(schedule.wrapping_mul(31)),
            state: State::new(plan),
            outputs: Outputs::new(),
            computations: Vec::new(),
            items: BTreeMap::new(),
            closing: BTreeSet::new(),
            ever: BTreeSet::new(),
            history: Vec::new(),
            meddles: false,
            ends: 0,
        }
    }

    /// Lets timers fire, and people pause, resume and stop the run at any moment.
    pub(super) const fn meddle(&mut self) {
        self.meddles = true;
    }

    /// A run that takes over what this one has done.
    pub(super) fn redriven(&self) -> Self {
        let redriven = redrive(self.plan, &self.state).unwrap();
        let mut next = Self::new(self.plan, self.seed, self.seed);
        next.state = redriven.state;
        for key in redriven.taken {
            let value = self.outputs.get(&key);
            let value = value.unwrap_or_else(|| panic!("seed {}: {key:?} was not kept", self.seed));
            next.outputs.insert(key.clone(), value.clone());
            // It must not be begun again.
            if key.part == Part::Result {
                next.ever.insert((key.step, "begin"));
            }
        }
        next
    }

    /// Begins, and goes on until the run is over.
    pub(super) fn run(&mut self) {
        let start = Event::Start {
            trigger: "start".to_owned(),
        };
        self.happens(if self.state == State::new(self.plan) {
            start
        } else {
            Event::Resume
        });
        let mut rounds = 0;
        while self.state.ended().is_none() {
            rounds += 1;
            assert!(
                rounds < 20_000,
                "seed {}: it does not end: {:?}",
                self.seed,
                open(self.plan, &self.state)
            );
            if self.chance.once_in(4) {
                self.repeat();
            }
            if self.meddles && self.chance.once_in(12) {
                self.wish();
            }
            self.step();
        }
        self.repeat();
        assert!(
            self.items.is_empty() && self.closing.is_empty(),
            "seed {}: {:?}",
            self.seed,
            self.items
        );
    }

    pub(super) fn result(&self) -> Value {
        run_result(self.plan, &self.state, self.given()).unwrap()
    }

    fn given(&self) -> Given<'_> {
        Given {
            run: &self.run,
            input: &self.input,
            outputs: &self.outputs,
            millis: 0,
        }
    }

    /// Something that has happened before is told once more; it changes nothing.
    fn repeat(&mut self) {
        if self.history.is_empty() {
            return;
        }
        let again = self.chance.below(self.history.len());
        let event = self.history[again].clone();
        let (state, effects) = advance(self.plan, &self.run, self.state.clone(), event.clone());
        assert_eq!(
            state, self.state,
            "seed {}: {event:?} came twice",
            self.seed
        );
        assert_eq!(effects, [], "seed {}: {event:?} came twice", self.seed);
    }

    fn wish(&mut self) {
        let event = match self.chance.below(9) {
            0 => Event::Stop(Stop::Cancelled),
            1 => Event::Stop(Stop::Expired),
            2..=4 => Event::Pause,
            _ => Event::Resume,
        };
        self.apply(event);
    }

    /// One of the things that are ready, whichever.
    fn step(&mut self) {
        let choices = self.computations.len() + self.closing.len() + self.items.len();
        if choices == 0 {
            // What has failed is held for somebody.
            let held = open(self.plan, &self.state);
            let held = held.iter().find(|open| open.what == Waiting::Hand);
            if let Some(Step { path, attempt }) = held.map(|open| open.step.clone()) {
                let attempt = attempt + 1;
                self.happens(Event::Retry {
                    step: Step { path, attempt },
                });
                return;
            }
            // Only a pause leaves nothing to do.
            assert!(
                self.meddles,
                "seed {}: nothing is left to do: {:?}",
                self.seed,
                open(self.plan, &self.state)
            );
            self.apply(Event::Resume);
            return;
        }
        let choice = self.chance.below(choices);
        if choice < self.computations.len() {
            let (step, purpose) = self.computations.swap_remove(choice);
            self.compute(step, purpose);
        } else if let Some(step) = self
            .closing
            .iter()
            .nth(choice - self.computations.len())
            .cloned()
        {
            self.close(step);
        } else {
            let at = choice - self.computations.len() - self.closing.len();
            let step = self.items.keys().nth(at).cloned().unwrap();
            self.item(step);
        }
    }

    fn compute(&mut self, step: Step, purpose: Purpose) {
        // What is not at work any more needs no computation.
        let wanted = open(self.plan, &self.state)
            .computations()
            .any(|one| one == (step.clone(), purpose));
        if !wanted {
            return;
        }
        let computed = evaluate(self.plan, &self.state, &step, purpose, self.given());
        let computed = computed.unwrap_or_else(|missing| panic!("seed {}: {missing:?}", self.seed));
        self.outputs.extend(computed.keep);
        self.happens(Event::Evaluated {
            step,
            purpose,
            result: computed.result,
        });
    }

    /// An item is closed; it may have been finished before.
    fn close(&mut self, step: Step) {
        self.closing.remove(&step);
        let item = self.items.remove(&step);
        let outcome = match item {
            Some(Item::Call) if self.chance.once_in(3) => self.outcome(&step),
            Some(Item::Timer) if self.chance.once_in(3) => StepOutcome::Expired,
            _ => StepOutcome::Cancelled,
        };
        self.happens(Event::Closed { step, outcome });
    }

    fn item(&mut self, step: Step) {
        match self.items[&step].clone() {
            Item::Timer if !self.meddles || !self.chance.once_in(5) => {}
            Item::Timer => {
                self.take(&step);
                let outcome = StepOutcome::Expired;
                self.happens(Event::Closed { step, outcome });
            }
            // A delay that is over while it is to be closed is closed all the same.
            Item::Delay if self.closing.contains(&step) => self.happens(Event::Woke { step }),
            Item::Delay => {
                self.take(&step);
                self.happens(Event::Woke { step });
            }
            Item::Call => {
                self.take(&step);
                let outcome = self.outcome(&step);
                self.happens(Event::Closed { step, outcome });
            }
        }
    }

    /// It is over before somebody could close it.
    fn take(&mut self, step: &Step) {
        self.items.remove(step);
        self.closing.remove(step);
    }

    fn outcome(&mut self, step: &Step) -> StepOutcome {
        let path = step.path.to_string();
        if succeeds(self.seed, &path, step.attempt) {
            let value = gives(&path, step.attempt);
            self.outputs.insert(OutputKey::result(step.clone()), value);
            StepOutcome::Succeeded { port: None }
        } else {
            StepOutcome::Failed(NodeError::new(FAILURE.0, FAILURE.1))
        }
    }

    fn happens(&mut self, event: Event) {
        let before = self.state.clone();
        self.apply(event.clone());
        // What came too early to count may count later; wishes may be wished again.
        if self.state != before && event != Event::Resume {
            self.history.push(event);
        }
    }

    fn apply(&mut self, event: Event) {
        let (state, effects) = advance(self.plan, &self.run, self.state.clone(), event);
        if self.chance.once_in(8) {
            let text = serde_json::to_string(&state).unwrap();
            let read: State = serde_json::from_str(&text).unwrap();
            assert_eq!(read, state, "seed {}: {text}", self.seed);
        }
        assert!(state.fits(self.plan));
        self.state = state;
        for effect in effects {
            self.effect(effect);
        }
        self.balance();
    }

    fn effect(&mut self, effect: Effect) {
        assert_eq!(
            self.ends, 0,
            "seed {}: {effect:?} comes after the end",
            self.seed
        );
        match effect {
            Effect::Evaluate { step, purpose } => self.computations.push((step, purpose)),
            Effect::Keep { step, error } => {
                let value = json!({"error": error.error, "cause": error.cause});
                self.outputs.insert(OutputKey::result(step), value);
            }
            Effect::CallOut(order) => self.begins(order.step, Item::Call),
            Effect::OpenWait(order) => self.begins(order.step, Item::Timer),
            Effect::WakeAt { step, .. } => self.begins(step, Item::Delay),
            Effect::Close { step, .. } => {
                assert!(
                    self.items.contains_key(&step),
                    "seed {}: {step} is not open",
                    self.seed
                );
                self.first(&step, "close");
                self.closing.insert(step);
            }
            Effect::End(_) => self.ends += 1,
            Effect::DispatchJob(order) | Effect::StartChild(order) => panic!("{}", order.step),
        }
    }

    fn begins(&mut self, step: Step, item: Item) {
        let what = if item == Item::Delay {
            "delay"
        } else {
            "begin"
        };
        self.first(&step, what);
        self.items.insert(step, item);
    }

    fn first(&mut self, step: &Step, what: &'static str) {
        assert!(
            self.ever.insert((step.clone(), what)),
            "seed {}: {what} {step} twice",
            self.seed
        );
    }

    /// What the state says is open is what the book says.
    fn balance(&self) {
        let open = open(self.plan, &self.state);
        let with = |wanted: fn(&Waiting) -> bool| -> BTreeSet<Step> {
            open.iter()
                .filter(|open| wanted(&open.what))
                .map(|open| open.step.clone())
                .collect()
        };
        let items: BTreeSet<Step> = self
            .items
            .keys()
            .filter(|step| !self.closing.contains(step))
            .cloned()
            .collect();
        let working = with(|what| matches!(what, Waiting::Work(_) | Waiting::Delay));
        assert_eq!(working, items, "seed {}: what is open", self.seed);
        let closing = with(|what| matches!(what, Waiting::Close(_)));
        assert_eq!(
            closing, self.closing,
            "seed {}: what is to be closed",
            self.seed
        );
    }
}
