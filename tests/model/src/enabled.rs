//! What can happen next in a world.

use crate::{
    Action, Actor, Daemon, Delivery, Fault, Flaw, Looks, Node, Place, Poster, Process, Protocol,
    Record, Run, StepState, Trigger, Work, World, process::Call,
};

impl Protocol {
    /// Everything that can happen next.
    pub(crate) fn enabled(&self, world: &World, actions: &mut Vec<Action>) {
        // What must never happen is found; what follows from it does not matter.
        if world.history.violation.is_some() {
            return;
        }
        let goes_on = |(actor, call): (Actor, &Call)| Action::Do {
            actor,
            effect: call.use_case.effect(),
        };
        actions.extend(actors(world).map(goes_on));
        self.begin(world, actions);
        self.daemon_actions(world, actions);
        self.time(world, actions);
        self.fault_actions(world, actions);
    }

    fn deliveries(&self) -> impl Iterator<Item = Delivery> {
        Delivery::all().take(self.requests.len())
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
            let waits = world.table.record(*delivery) == Record::Waiting;
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
                    if world.faults.given_back > 0 {
                        actions.push(Action::GiveBackJob(daemon));
                    }
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
            let listed = world.table.acts[run.index()] && !self.lacks(Flaw::ActNotDue);
            if listed && self.looks == Looks::Always {
                actions.push(Action::LookAtAct(run));
            }
            let gone = |place: Place| place.poster == Poster::Gone;
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
        holds.then(|| {
            daemons
                .into_iter()
                .any(|daemon| daemon.holds(run, node, step.fence))
        })
    }

    fn fault_actions(&self, world: &World, actions: &mut Vec<Action>) {
        let faults = &world.faults;
        let mut wrong = |fault| actions.push(Action::Fault(fault));
        if faults.crashes > 0 {
            for (actor, _) in actors(world) {
                if let Actor::Process(_) = actor {
                    wrong(Fault::Crash(actor));
                }
            }
            for (daemon, worker) in Daemon::all().zip(&world.daemons) {
                if worker.work != Work::Idle {
                    wrong(Fault::Crash(Actor::Daemon(daemon)));
                }
            }
        }
        if faults.lost_bells > 0 && world.queues.next {
            wrong(Fault::LoseNext);
        }
        if faults.archived > 0 {
            wrong(Fault::Archive);
        }
        for delivery in self.deliveries() {
            if faults.double_deliveries > 0 && world.queues.deliveries[delivery.index()] == 0 {
                wrong(Fault::DoubleDelivery(delivery));
            }
        }
        for run in Run::all() {
            self.faults_of(run, world, actions);
        }
    }

    fn faults_of(&self, run: Run, world: &World, actions: &mut Vec<Action>) {
        let (faults, queues) = (&world.faults, &world.queues);
        let mut wrong = |fault| actions.push(Action::Fault(fault));
        let Some(head) = world.table.head(run) else {
            return;
        };
        if faults.lost_bells > 0 && queues.bells[run.index()] {
            wrong(Fault::LoseBell(run));
        }
        if faults.double_bells > 0 && !queues.bells[run.index()] {
            wrong(Fault::DoubleBell(run));
        }
        if faults.double_records > 0 && !queues.records[run.index()] {
            wrong(Fault::DoubleRecord(run));
        }
        if faults.deadlines > 0 && head.end.is_none() && !world.expired[run.index()] {
            wrong(Fault::DeadlinePasses(run));
        }
        for node in self.plan.nodes() {
            let jobs = queues.jobs(run, node);
            if faults.lost_jobs > 0 && jobs > 0 {
                wrong(Fault::LoseJob(run, node));
            }
            let sent = world.table.step(run, node).is_some();
            if faults.double_jobs > 0 && sent && jobs == 0 {
                wrong(Fault::DoubleJob(run, node));
            }
            if faults.slow_daemons > 0 && self.is_held(world, run, node) == Some(true) {
                wrong(Fault::SlowDaemon(run, node));
            }
        }
    }
}

/// Those who are at work on a use case.
fn actors(world: &World) -> impl Iterator<Item = (Actor, &Call)> {
    let processes = Process::all().zip(&world.processes);
    let processes =
        processes.filter_map(|(process, call)| Some((Actor::Process(process), call.as_ref()?)));
    let daemons = Daemon::all().zip(&world.daemons);
    let daemons =
        daemons.filter_map(|(daemon, worker)| Some((Actor::Daemon(daemon), worker.call.as_ref()?)));
    processes.chain(daemons)
}
