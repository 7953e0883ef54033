//! The protocol as a model: what can happen in a world, and what comes of it.

use stateright::{Model, Property};

use crate::{
    Action, Actor, Daemon, Delivery, Faults, Flaw, Flaws, Node, Outcome, Plan, Poster, Process,
    Request, Run, StepState, Trigger, Work, World,
    process::{Call, Context, Next, UseCase},
    properties::properties,
    use_cases::{ClaimJob, FinishJob, ReleaseJob, ResendJob, StartRun, StopRun, TellPlace},
};

/// What becomes of a request that finds the slot taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Busy {
    /// It is refused.
    Refuse,
    /// It waits.
    Wait,
}

/// Which runs have to wait for one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// All are of one key: one after another.
    Shared,
    /// Each has a key of its own, and is listed while it is unfinished, so that a stop finds it.
    Own,
}

/// Whether people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relay {
    /// By `relay`, from the stream.
    Tells,
    /// Nobody needs to be told, which makes the model smaller.
    LeftOut,
}

/// Whether `scheduler` looks at what is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looks {
    /// At any time.
    Always,
    /// Never: what gets on does so by messages alone.
    Never,
}

/// One scenario: what there is, how much may go wrong, and which rules hold.
#[derive(Clone, Debug)]
pub struct Protocol {
    /// What a run executes.
    pub plan: Plan,
    /// What becomes of a request that finds the slot taken.
    pub busy: Busy,
    /// Which runs have to wait for one another.
    pub key: Key,
    /// Whether people are told.
    pub relay: Relay,
    /// Whether `scheduler` looks.
    pub looks: Looks,
    /// How many use cases are at work at once.
    pub processes: usize,
    /// How many daemons there are.
    pub daemons: usize,
    /// How many lost leases end a step.
    pub losses: u8,
    /// What is asked for.
    pub requests: Vec<Request>,
    /// What may go wrong.
    pub faults: Faults,
    /// Which rules are left out.
    pub flaws: Flaws,
}

impl Protocol {
    /// Whether a rule is left out.
    pub const fn lacks(&self, flaw: Flaw) -> bool {
        self.flaws.contain(flaw)
    }

    /// Whether people are told.
    pub fn is_told(&self) -> bool {
        self.relay == Relay::Tells
    }

    /// Whether each run has a key of its own.
    pub fn has_own_keys(&self) -> bool {
        self.key == Key::Own
    }

    /// Whether a request waits for a slot that is taken.
    pub fn makes_requests_wait(&self) -> bool {
        self.busy == Busy::Wait
    }

    /// What a delivery asks for.
    pub fn request(&self, delivery: Delivery) -> Request {
        let none = Request::Stop(crate::Asked(0));
        self.requests.get(delivery.index()).copied().unwrap_or(none)
    }

    /// Does one thing.
    fn apply(&self, world: &mut World, action: Action) {
        match action {
            Action::Begin { process, trigger } => self.begun(world, process, trigger),
            Action::Do { actor, .. } => self.go_on(world, actor),
            Action::LookAtHead(run) => look_at_head(world, run, self.is_told()),
            Action::LookAtAct(run) => {
                let over = |head: &crate::Head| head.end.is_some();
                if world.table.head(run).is_some_and(over) {
                    world.table.acts[run.index()] = false;
                }
            }
            Action::ReceiveJob { daemon, run, node } => {
                world.queues.take_job(run, node);
                let worker = &mut world.daemons[daemon.index()];
                worker.work = Work::Asking { run, node };
                worker.call = Some(called(UseCase::ClaimJob(ClaimJob::new(run, node))));
                self.go_on(world, Actor::Daemon(daemon));
            }
            Action::Heartbeat(daemon) => {
                if let Work::Working { told_to_stop, .. } = &mut world.daemons[daemon.index()].work
                {
                    *told_to_stop = true;
                }
            }
            Action::FinishJob(daemon) => {
                self.says(world, daemon, |run, node, fence, told_to_stop| {
                    let outcome = if told_to_stop {
                        Outcome::Cancelled
                    } else {
                        Outcome::Succeeded
                    };
                    UseCase::FinishJob(FinishJob::new(run, node, fence, outcome))
                });
            }
            Action::GiveBackJob(daemon) => {
                world.faults.given_back -= 1;
                self.says(world, daemon, |run, node, fence, _| {
                    UseCase::ReleaseJob(ReleaseJob::new(run, node, fence))
                });
            }
            Action::LeaseRunsOut(run, node) => lapse(world, run, node),
            Action::PosterLapses(run) => {
                if let Some(place) = &mut world.table.places[run.index()] {
                    place.poster = Poster::Lapsed;
                }
            }
            Action::Fault(fault) => fault.strike(world),
        }
        if !world.table.asks.contains(&true) {
            world.queues.next = false;
        }
    }

    fn begun(&self, world: &mut World, process: Process, trigger: Trigger) {
        let queues = &mut world.queues;
        let use_case = match trigger {
            Trigger::Delivery(delivery) => {
                queues.take_delivery(delivery);
                match self.request(delivery) {
                    Request::Start { .. } => UseCase::StartRun(StartRun::new(delivery)),
                    Request::Stop(asked) => UseCase::StopRun(StopRun::new(delivery, asked)),
                }
            }
            Trigger::Bell(run) => {
                queues.bells[run.index()] = false;
                UseCase::AdvanceRun(crate::AdvanceRun::look(run))
            }
            Trigger::Next(delivery) => {
                queues.next = false;
                UseCase::StartRun(StartRun::new(delivery))
            }
            Trigger::Record(run) => {
                queues.records[run.index()] = false;
                UseCase::TellPlace(TellPlace::new(run))
            }
            Trigger::StepDue(run, node) => UseCase::ResendJob(ResendJob::new(run, node)),
            Trigger::AskDue(delivery) => UseCase::StartRun(StartRun::new(delivery)),
            Trigger::Worker => return,
        };
        world.processes[process.index()] = Some(Call { trigger, use_case });
        self.go_on(world, Actor::Process(process));
    }

    /// A daemon at work tells the worker API something.
    fn says(
        &self,
        world: &mut World,
        daemon: Daemon,
        what: impl FnOnce(Run, Node, u8, bool) -> UseCase,
    ) {
        let worker = &mut world.daemons[daemon.index()];
        if let Work::Working {
            run,
            node,
            fence,
            told_to_stop,
            ..
        } = worker.work
        {
            worker.call = Some(called(what(run, node, fence, told_to_stop)));
            self.go_on(world, Actor::Daemon(daemon));
        }
    }

    fn go_on(&self, world: &mut World, actor: Actor) {
        let call = match actor {
            Actor::Process(process) => world.processes[process.index()],
            Actor::Daemon(daemon) => world.daemons[daemon.index()].call,
        };
        let Some(call) = call else { return };
        let mut context = Context {
            protocol: self,
            world,
            actor,
        };
        let next = call.use_case.go_on(&mut context);
        world.went_on(actor, call, next, self);
    }
}

impl World {
    fn went_on(&mut self, actor: Actor, call: Call, next: Next, protocol: &Protocol) {
        let goes_on = match next {
            Next::Go(use_case) => Some(Call { use_case, ..call }),
            Next::Done | Next::Failed | Next::Granted { .. } => None,
        };
        match actor {
            Actor::Process(process) => {
                self.processes[process.index()] = goes_on;
                if next == Next::Failed {
                    return self.queues.put_back(call.trigger);
                }
                if let (None, Trigger::Delivery(delivery)) = (goes_on, call.trigger)
                    && let Request::Stop(_) = protocol.request(delivery)
                {
                    self.history.stopped[delivery.index()] = true;
                }
            }
            Actor::Daemon(daemon) => {
                let worker = &mut self.daemons[daemon.index()];
                worker.call = goes_on;
                if let (Next::Granted { fence, content }, Some((run, node))) = (next, worker.job())
                {
                    worker.work = Work::Working {
                        run,
                        node,
                        fence,
                        content,
                        told_to_stop: false,
                    };
                } else if goes_on.is_none() {
                    worker.work = Work::Idle;
                }
            }
        }
    }
}

impl Model for Protocol {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(&self.requests, self.faults)]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        self.enabled(world, actions);
    }

    fn next_state(&self, last: &World, action: Action) -> Option<World> {
        let mut world = last.clone();
        self.apply(&mut world, action);
        (world != *last).then_some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties()
    }
}

const fn called(use_case: UseCase) -> Call {
    Call {
        trigger: Trigger::Worker,
        use_case,
    }
}

/// An unfinished run is rung for. An end that is not told is offered to the stream again: its due time is moved, which is a
/// change.
fn look_at_head(world: &mut World, run: Run, is_told: bool) {
    let Some(head) = world.table.head(run) else {
        return;
    };
    if head.end.is_none() {
        world.queues.bells[run.index()] = true;
    } else if is_told {
        world.queues.records[run.index()] = true;
    }
}

pub(crate) fn lapse(world: &mut World, run: Run, node: Node) {
    if let Some(step) = world.table.step_mut(run, node) {
        step.state = StepState::Running { lapsed: true };
    }
}
