//! `stop_run`: the stop is in force before it looks for what it ends, and on record before it ends anything.

use crate::{
    AdvanceRun, Asked, Control, Delivery, Effect, Flaw, Record, Request, Run,
    process::{Context, Next, UseCase},
};

/// `stop_run`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StopRun {
    delivery: Delivery,
    asked: Asked,
    at: At,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    ReadDelivery,
    PutHalt { found: Option<Found> },
    FindRuns,
    NamePlaces(Found),
    RefuseWaiting(Found, Delivery),
    DeleteRefused(Found, Delivery),
}

/// What is to be stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Found {
    run: Option<Run>,
    /// Waiting requests that are still to be refused, a bit each.
    waiting: u8,
}

impl StopRun {
    /// Stops what a delivery asks to stop.
    pub const fn new(delivery: Delivery, asked: Asked) -> Self {
        Self {
            delivery,
            asked,
            at: At::ReadDelivery,
        }
    }

    /// The effect that comes next.
    pub const fn effect(&self) -> Effect {
        match self.at {
            At::ReadDelivery => Effect::ReadDelivery,
            At::PutHalt { .. } => Effect::PutHalt,
            At::FindRuns => Effect::FindRuns,
            At::NamePlaces(_) => Effect::NamePlacesToStop,
            At::RefuseWaiting(_, delivery) => Effect::RefuseWaiting(delivery),
            At::DeleteRefused(_, delivery) => Effect::DeleteRefused(delivery),
        }
    }

    /// Does it.
    pub fn go_on(self, at: &mut Context<'_>) -> Next {
        match self.at {
            At::ReadDelivery => self.read_delivery(at),
            At::PutHalt { found } => {
                let halt = &mut at.world.table.halt;
                *halt = (*halt).max(Some(self.asked));
                found.map_or_else(|| self.go(At::FindRuns), |found| self.next(found))
            }
            At::FindRuns => {
                let found = self.find(at);
                self.go(At::NamePlaces(found))
            }
            At::NamePlaces(found) => {
                let record = Record::Stopping(found.run);
                let table = &mut at.world.table;
                if !table.swap_record(self.delivery, Record::Absent, record) {
                    return self.go(At::ReadDelivery);
                }
                if at.protocol.lacks(Flaw::StopLooksFirst) {
                    return self.go(At::PutHalt { found: Some(found) });
                }
                self.next(found)
            }
            At::RefuseWaiting(found, delivery) => {
                let table = &mut at.world.table;
                if table.swap_record(delivery, Record::Waiting, Record::Refused) {
                    self.go(At::DeleteRefused(found, delivery))
                } else {
                    // It starts; the stop in force ends it.
                    self.next(found)
                }
            }
            At::DeleteRefused(found, delivery) => {
                at.world.table.asks[delivery.index()] = false;
                self.next(found)
            }
        }
    }

    fn read_delivery(self, at: &Context<'_>) -> Next {
        match at.world.table.record(self.delivery) {
            Record::Stopping(run) => {
                let waiting = self.find(at).waiting;
                self.next(Found { run, waiting })
            }
            _ if at.protocol.lacks(Flaw::StopLooksFirst) => self.go(At::FindRuns),
            _ => self.go(At::PutHalt { found: None }),
        }
    }

    fn find(self, at: &Context<'_>) -> Found {
        let table = &at.world.table;
        let all = at.protocol.lacks(Flaw::StopIgnoresTimes);
        let meant = |asked: Asked| asked <= self.asked || all;
        let found = |run: Run| !at.protocol.has_own_keys() || table.acts[run.index()];
        let run = table
            .newest()
            .filter(|(run, head)| head.end.is_none() && meant(head.asked) && found(*run))
            .map(|(run, _)| run);
        let waits = |delivery: &Delivery| match at.protocol.request(*delivery) {
            Request::Start { asked, .. } => table.asks[delivery.index()] && meant(asked),
            Request::Stop(_) => false,
        };
        let waiting = Delivery::all().filter(waits);
        Found {
            run,
            waiting: waiting.fold(0, |bits, delivery| bits | 1 << delivery.position()),
        }
    }

    fn next(self, mut found: Found) -> Next {
        let waits = |delivery: &Delivery| found.waiting & (1 << delivery.position()) != 0;
        if let Some(delivery) = Delivery::all().find(waits) {
            found.waiting &= !(1 << delivery.position());
            return self.go(At::RefuseWaiting(found, delivery));
        }
        found.run.map_or(Next::Done, |run| {
            let stop = Control::Stop(self.asked);
            Next::Go(UseCase::AdvanceRun(AdvanceRun::control(run, stop)))
        })
    }

    const fn go(self, at: At) -> Next {
        Next::Go(UseCase::StopRun(Self { at, ..self }))
    }
}
