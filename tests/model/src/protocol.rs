//! The protocol as a model: what can happen in a world, and what comes of it.

use stateright::{Model, Property};

use crate::{
    Action, Actor, Daemon, Delivery, Fault, Faults, Flaw, Flaws, Node, Outcome, Plan, Poster,
    Process, Request, Run, StepState, Trigger, Work, World,
    process::{Call, Context, Next, UseCase},
    properties::properties,
    use_cases::{ClaimJob, FinishJob, ResendJob, StartRun, StopRun, TellPlace},
};

/// What becomes of a request that finds the slot taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Busy {
    /// It is refused.
    Refuse,
    /// It waits.
    Wait,
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

    /// Whether a request waits for a slot that is taken.
    pub fn makes_requests_wait(&self) -> bool {
        self.busy == Busy::Wait
    }

    /// What a delivery asks for.
    pub fn request(&self, delivery: Delivery) -> Request {
        let none = Request::Stop(crate::Asked(0));
        self.requests.get(delivery.index()).copied().unwrap_or(none)
    }

    fn deliveries(&self) -> impl Iterator<Item = Delivery> {
        Delivery::all().take(self.requests.len())
    }

    fn actors<'a>(&'a self, world: &'a World) -> impl Iterator<Item = (Actor, &'a Call)> {
        let processes = Process::all().zip(&world.processes);
        let processes = processes
            .filter_map(|(process, call)| Some((Actor::Process(process), call.as_ref()?)));
        let daemons = Daemon::all().zip(&world.daemons);
        let daemons = daemons
            .filter_map(|(daemon, worker)| Some((Actor::Daemon(daemon), worker.call.as_ref()?)));
        processes.chain(daemons)
    }

    fn triggers(&self, world: &World) -> Vec<Trigger> {
        let queues = &world.queues;
        let mut triggers = Vec::new();
        let taken = |delivery: &Delivery| queues.deliveries[delivery.index()] > 0;
        triggers.extend(self.deliveries().filter(taken).map(Trigger::Delivery));
        for run in Run::all() {
            if queues.bells[run.index()] {
                triggers.push(Trigger::Bell(run));
            }
            if queues.records[run.index()] {
                triggers.push(Trigger::Record(run));
            }
        }
        let waits = |delivery: &Delivery| world.table.asks[delivery.index()];
        if queues.next {
            triggers.extend(self.deliveries().find(waits).map(Trigger::Next));
        }
        if self.looks == Looks::Always {
            self.due(world, &mut triggers);
        }
        triggers
    }

    fn due(&self, world: &World, triggers: &mut Vec<Trigger>) {
        for run in Run::all() {
            for node in self.plan.nodes() {
                if world.table.step(run, node).is_some_and(|step| step.due) {
                    triggers.push(Trigger::StepDue(run, node));
                }
            }
        }
        let newest = world.table.newest();
        let free = newest.is_none_or(|(_, head)| head.end.is_some());
        let due = |delivery: &Delivery| {
            let waits = world.table.record(*delivery) == crate::Record::Waiting;
            world.table.asks[delivery.index()] && (free || !waits)
        };
        if !self.lacks(Flaw::AskNotDue) {
            triggers.extend(self.deliveries().filter(due).map(Trigger::AskDue));
        }
    }

    fn begin(&self, world: &World, actions: &mut Vec<Action>) {
        let free = Process::all()
            .take(self.processes)
            .find(|process| world.processes[process.index()].is_none());
        let Some(process) = free else { return };
        let triggers = self.triggers(world).into_iter();
        actions.extend(triggers.map(|trigger| Action::Begin { process, trigger }));
    }

    fn daemon_actions(&self, world: &World, actions: &mut Vec<Action>) {
        let daemons = Daemon::all().take(self.daemons).zip(&world.daemons);
        let mut idle = None;
        for (daemon, worker) in daemons {
            match worker.work {
                Work::Idle => idle = idle.or(Some(daemon)),
                Work::Working {
                    run, told_to_stop, ..
                } if worker.call.is_none() => {
                    actions.push(Action::FinishJob(daemon));
                    let head = world.table.head(run);
                    if !told_to_stop && head.is_some_and(|head| head.control.is_some()) {
                        actions.push(Action::Heartbeat(daemon));
                    }
                }
                Work::Asking { .. } | Work::Working { .. } => {}
            }
        }
        let Some(daemon) = idle else { return };
        for run in Run::all() {
            for node in self.plan.nodes() {
                if world.queues.jobs(run, node) > 0 {
                    actions.push(Action::ReceiveJob { daemon, run, node });
                }
            }
        }
    }

    /// What only takes time.
    fn time(&self, world: &World, actions: &mut Vec<Action>) {
        for run in Run::all() {
            let due = world.table.head(run).is_some_and(|head| head.due);
            if due && self.looks == Looks::Always {
                actions.push(Action::LookAtHead(run));
            }
            let gone = |place: crate::Place| place.poster == Poster::Gone;
            if world.table.places[run.index()].is_some_and(gone) {
                actions.push(Action::PosterLapses(run));
            }
            for node in self.plan.nodes() {
                if self.is_held(world, run, node) == Some(false) {
                    actions.push(Action::LeaseRunsOut(run, node));
                }
            }
        }
    }

    /// Whether the holder of a lease that holds is at work.
    fn is_held(&self, world: &World, run: Run, node: Node) -> Option<bool> {
        let step = world.table.step(run, node)?;
        let holds = step.state == StepState::Running { lapsed: false };
        let daemons = world.daemons.iter().take(self.daemons);
        holds.then(|| daemons.into_iter().any(|daemon| daemon.holds(run, node, step.fence)))
    }

    fn fault_actions(&self, world: &World, actions: &mut Vec<Action>) {
        let faults = &world.faults;
        let mut faulty = |fault| actions.push(Action::Fault(fault));
        if faults.crashes > 0 {
            for (actor, _) in self.actors(world) {
                if let Actor::Process(_) = actor {
                    faulty(Fault::Crash(actor));
                }
            }
            for (daemon, worker) in Daemon::all().zip(&world.daemons) {
                if worker.work != Work::Idle {
                    faulty(Fault::Crash(Actor::Daemon(daemon)));
                }
            }
        }
        if faults.lost_bells > 0 && world.queues.next {
            faulty(Fault::LoseNext);
        }
        if faults.archived > 0 {
            faulty(Fault::Archive);
        }
        for delivery in self.deliveries() {
            if faults.double_deliveries > 0 && world.queues.deliveries[delivery.index()] == 0 {
                faulty(Fault::DoubleDelivery(delivery));
            }
        }
        for run in Run::all() {
            self.faults_of(run, world, actions);
        }
    }

    fn faults_of(&self, run: Run, world: &World, actions: &mut Vec<Action>) {
        let (faults, queues) = (&world.faults, &world.queues);
        let mut faulty = |fault| actions.push(Action::Fault(fault));
        let Some(head) = world.table.head(run) else {
            return;
        };
        if faults.lost_bells > 0 && queues.bells[run.index()] {
            faulty(Fault::LoseBell(run));
        }
        if faults.double_records > 0 && !queues.records[run.index()] {
            faulty(Fault::DoubleRecord(run));
        }
        if faults.deadlines > 0 && head.end.is_none() && !world.expired[run.index()] {
            faulty(Fault::DeadlinePasses(run));
        }
        for node in self.plan.nodes() {
            let jobs = queues.jobs(run, node);
            if faults.lost_jobs > 0 && jobs > 0 {
                faulty(Fault::LoseJob(run, node));
            }
            let sent = world.table.step(run, node).is_some();
            if faults.double_jobs > 0 && sent && jobs == 0 {
                faulty(Fault::DoubleJob(run, node));
            }
            if faults.slow_daemons > 0 && self.is_held(world, run, node) == Some(true) {
                faulty(Fault::SlowDaemon(run, node));
            }
        }
    }

    /// Does one thing.
    fn apply(&self, world: &mut World, action: Action) {
        match action {
            Action::Begin { process, trigger } => self.begun(world, process, trigger),
            Action::Do { actor, .. } => self.go_on(world, actor),
            Action::LookAtHead(run) => look_at_head(world, run, self.is_told()),
            Action::ReceiveJob { daemon, run, node } => {
                world.queues.take_job(run, node);
                let worker = &mut world.daemons[daemon.index()];
                worker.work = Work::Asking { run, node };
                worker.call = Some(called(UseCase::ClaimJob(ClaimJob::new(run, node))));
                self.go_on(world, Actor::Daemon(daemon));
            }
            Action::Heartbeat(daemon) => {
                if let Work::Working { told_to_stop, .. } = &mut world.daemons[daemon.index()].work {
                    *told_to_stop = true;
                }
            }
            Action::FinishJob(daemon) => self.finish(world, daemon),
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

    fn finish(&self, world: &mut World, daemon: Daemon) {
        let worker = &mut world.daemons[daemon.index()];
        let Work::Working {
            run,
            node,
            fence,
            told_to_stop,
            ..
        } = worker.work
        else {
            return;
        };
        let outcome = if told_to_stop {
            Outcome::Cancelled
        } else {
            Outcome::Succeeded
        };
        let finish = FinishJob::new(run, node, fence, outcome);
        worker.call = Some(called(UseCase::FinishJob(finish)));
        self.go_on(world, Actor::Daemon(daemon));
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
            Next::Done | Next::Granted { .. } => None,
        };
        match actor {
            Actor::Process(process) => {
                self.processes[process.index()] = goes_on;
                if let (None, Trigger::Delivery(delivery)) = (goes_on, call.trigger)
                    && let Request::Stop(_) = protocol.request(delivery)
                {
                    self.history.stopped[delivery.index()] = true;
                }
            }
            Actor::Daemon(daemon) => {
                let worker = &mut self.daemons[daemon.index()];
                worker.call = goes_on;
                if let (Next::Granted { fence, content }, Some((run, node))) = (next, worker.job()) {
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
        // What must never happen is found; what follows from it does not matter.
        if world.history.violation.is_some() {
            return;
        }
        let goes_on = |(actor, call): (Actor, &Call)| Action::Do {
            actor,
            effect: call.use_case.effect(),
        };
        actions.extend(self.actors(world).map(goes_on));
        self.begin(world, actions);
        self.daemon_actions(world, actions);
        self.time(world, actions);
        self.fault_actions(world, actions);
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
