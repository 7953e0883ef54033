//! What a fault does.

use crate::{Actor, Fault, Poster, Worker, World, protocol::lapse};

impl Fault {
    /// Makes it happen.
    pub(crate) fn strike(self, world: &mut World) {
        let faults = &mut world.faults;
        match self {
            Self::Crash(actor) => {
                faults.crashes -= 1;
                crash(world, actor);
            }
            Self::LoseJob(run, node) => {
                faults.lost_jobs -= 1;
                world.queues.take_job(run, node);
            }
            Self::DoubleJob(run, node) => {
                faults.double_jobs -= 1;
                world.queues.put_job(run, node);
            }
            Self::LoseBell(run) => {
                faults.lost_bells -= 1;
                world.queues.bells[run.index()] = false;
            }
            Self::DoubleBell(run) => {
                faults.double_bells -= 1;
                world.queues.bells[run.index()] = true;
            }
            Self::LoseNext => {
                faults.lost_bells -= 1;
                world.queues.next = false;
            }
            Self::DoubleDelivery(delivery) => {
                faults.double_deliveries -= 1;
                world.queues.put_delivery(delivery);
            }
            Self::DoubleRecord(run) => {
                faults.double_records -= 1;
                world.queues.records[run.index()] = true;
            }
            Self::SlowDaemon(run, node) => {
                faults.slow_daemons -= 1;
                lapse(world, run, node);
            }
            Self::DeadlinePasses(run) => {
                faults.deadlines -= 1;
                world.expired[run.index()] = true;
            }
            Self::Archive => {
                faults.archived -= 1;
                world.table.archived = true;
            }
        }
    }
}

/// What the actor knew is gone, and what made it begin comes again.
fn crash(world: &mut World, actor: Actor) {
    match actor {
        Actor::Process(process) => {
            if let Some(call) = world.processes[process.index()].take() {
                world.queues.put_back(call.trigger);
            }
        }
        Actor::Daemon(daemon) => {
            let worker = std::mem::replace(&mut world.daemons[daemon.index()], Worker::IDLE);
            if let Some((run, node)) = worker.job() {
                world.queues.put_job(run, node);
            }
        }
    }
    for place in world.table.places.iter_mut().flatten() {
        if place.poster == Poster::Alive(actor) {
            place.poster = Poster::Gone;
        }
    }
}
