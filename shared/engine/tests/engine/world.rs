//! A world that answers what runs ask for by a script.

use std::collections::{BTreeMap, VecDeque};

use domain::{RunId, SeededRandom};
use engine::{
    Budget, Effect, Ended, Event, Facts, NodeError, Order, OutputKey, Outputs, Path, Plan, Rest,
    State, Status, Step, StepOutcome, names, open, run_result, take_turn,
};
use serde_json::{Value, json};

/// What comes back when something is asked for.
pub(crate) enum Answer {
    /// It is done, and gives this.
    Done(Value),
    /// It is done, gives this, and leads on by this output.
    By(&'static str, Value),
    /// Something came of it.
    Incomplete(Value),
    /// There was nothing to change.
    Unchanged,
    /// It has failed, by this name.
    Fails(&'static str),
    /// It was not done in time.
    Expires,
    /// Nothing, until it is closed or everything else is over.
    Silent,
}

/// A run in a world that answers by a script.
pub(crate) struct World<'a> {
    plan: &'a Plan,
    run: RunId,
    input: Value,
    pub(crate) state: State,
    pub(crate) outputs: Outputs,
    /// Every effect, in order, in words.
    pub(crate) log: Vec<String>,
    asked: VecDeque<Order>,
    /// What answers only when everything else is over.
    silent: VecDeque<Order>,
    budget: Budget,
}

/// The id of a run.
pub(crate) fn run_id(seed: u64) -> RunId {
    RunId::mint(jiff::Timestamp::UNIX_EPOCH, &SeededRandom::new(seed))
}

/// A step, as `path#attempt`.
pub(crate) fn step(text: &str) -> Step {
    let (path, attempt) = text.split_once('#').unwrap_or((text, "1"));
    Step {
        path: path.parse::<Path>().unwrap(),
        attempt: attempt.parse().unwrap(),
    }
}

impl<'a> World<'a> {
    pub(crate) fn new(plan: &'a Plan, input: Value) -> Self {
        Self {
            plan,
            run: run_id(1),
            input,
            state: State::new(plan),
            outputs: Outputs::new(),
            log: Vec::new(),
            asked: VecDeque::new(),
            silent: VecDeque::new(),
            budget: Budget::COMMIT,
        }
    }

    /// Begins by the first trigger and answers until the run is over.
    pub(crate) fn run(mut self, mut script: impl FnMut(&Order) -> Answer) -> Over<'a> {
        self.start();
        while self.state.ended().is_none() {
            self.answer_next(&mut script);
        }
        assert!(open(self.plan, &self.state).is_empty());
        Over { world: self }
    }

    pub(crate) fn start(&mut self) {
        let trigger = self.plan.triggers().next().unwrap().id().to_owned();
        self.happens(Event::Start { trigger });
    }

    /// Answers what was asked for first.
    pub(crate) fn answer_next(&mut self, script: &mut impl FnMut(&Order) -> Answer) {
        let silent = self.asked.is_empty();
        let order = self.asked.pop_front().or_else(|| self.silent.pop_front());
        let Some(order) = order else {
            panic!(
                "nothing is left to answer: {:?}\n{}",
                open(self.plan, &self.state),
                self.log.join("\n")
            );
        };
        let answer = if silent {
            Answer::Expires
        } else {
            script(&order)
        };
        let (outcome, value) = match answer {
            Answer::Done(value) => (StepOutcome::Succeeded { port: None }, Some(value)),
            Answer::By(port, value) => {
                let port = Some(port.to_owned());
                (StepOutcome::Succeeded { port }, Some(value))
            }
            Answer::Incomplete(value) => (StepOutcome::Incomplete, Some(value)),
            Answer::Unchanged => (StepOutcome::Unchanged, Some(json!({"unchanged": true}))),
            Answer::Fails(name) => (
                StepOutcome::Failed(NodeError::new(name, "as the script says")),
                None,
            ),
            Answer::Expires => (StepOutcome::Expired, None),
            Answer::Silent => {
                self.silent.push_back(order);
                return;
            }
        };
        if let Some(value) = value {
            self.outputs
                .insert(OutputKey::result(order.step.clone()), value);
        }
        self.happens(Event::Closed {
            step: order.step,
            outcome,
        });
    }

    /// Something happens; what follows by itself follows.
    pub(crate) fn happens(&mut self, event: Event) {
        let mut events = vec![event];
        loop {
            let facts = Facts {
                run: &self.run,
                input: &self.input,
                millis: 1_700_000_000_000,
            };
            let turn = take_turn(
                self.plan,
                facts,
                self.state.clone(),
                events,
                &mut self.outputs,
                self.budget,
            );
            self.state = turn.state;
            events = turn
                .effects
                .into_iter()
                .filter_map(|effect| self.effect(effect))
                .collect();
            match turn.rest {
                Rest::Needs(keys) => panic!("outputs are missing: {keys:?}"),
                Rest::Waits if events.is_empty() => return,
                Rest::Waits | Rest::Boundary => {}
            }
        }
    }

    /// Does what is asked for at once; what somebody answers later is noted.
    fn effect(&mut self, effect: Effect) -> Option<Event> {
        match effect {
            Effect::DispatchJob(order)
            | Effect::CallOut(order)
            | Effect::OpenWait(order)
            | Effect::StartChild(order) => {
                self.log.push(format!("ask {}", order.step));
                self.asked.push_back(order);
                None
            }
            Effect::WakeAt { step, seconds } => {
                self.log.push(format!("wake {step} in {seconds}"));
                Some(Event::Woke { step })
            }
            Effect::Close { step, reason } => {
                self.log.push(format!("close {step} {reason:?}"));
                self.asked.retain(|order| order.step != step);
                self.silent.retain(|order| order.step != step);
                Some(Event::Closed {
                    step,
                    outcome: StepOutcome::Cancelled,
                })
            }
            Effect::End(ended) => {
                self.log.push(format!("end {ended:?}"));
                None
            }
            Effect::Evaluate { .. } | Effect::Keep { .. } => panic!("a turn does that itself"),
        }
    }

    /// The statuses of the nodes outside of bodies, by name.
    pub(crate) fn statuses(&self) -> BTreeMap<&str, Status> {
        self.state.statuses(self.plan).collect()
    }
}

/// A run that is over.
pub(crate) struct Over<'a> {
    pub(crate) world: World<'a>,
}

impl Over<'_> {
    pub(crate) fn ended(&self) -> &Ended {
        self.world.state.ended().unwrap()
    }

    pub(crate) fn result(&self) -> Value {
        let given = engine::Given {
            run: &self.world.run,
            input: &self.world.input,
            outputs: &self.world.outputs,
            millis: 0,
        };
        run_result(self.world.plan, &self.world.state, given).unwrap()
    }

    /// What a node gave in its first try.
    pub(crate) fn output(&self, node: &str) -> &Value {
        &self.world.outputs[&OutputKey::result(step(node))]
    }

    pub(crate) fn asked(&self) -> Vec<&str> {
        let asked = self
            .world
            .log
            .iter()
            .filter_map(|line| line.strip_prefix("ask "));
        asked.collect()
    }

    pub(crate) fn failed_by(&self) -> &str {
        match self.ended() {
            Ended::Failed(error) => &error.error,
            other => panic!("it ended {other:?}"),
        }
    }

    pub(crate) fn is(&self, node: &str, status: Status) -> bool {
        self.world.statuses()[node] == status
    }
}

/// Fails as work fails.
pub(crate) const FAILS: Answer = Answer::Fails(names::TASK_FAILED);
