//! `start_run`: the record names the place, then the head is put, then the run advances.

use crate::{
    AdvanceRun, Busy, Control, Delivery, Effect, Flaw, Head, Node, NodeState, Record, Request, Run,
    Step,
    process::{Context, Next, UseCase},
};

/// `start_run`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StartRun {
    delivery: Delivery,
    at: At,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    ReadDelivery,
    FindPlace(Record),
    NamePlace(Record, Run),
    PrepareStep(Run),
    PutAct(Run),
    PutHead(Run),
    DeleteAsk(Option<Run>),
    ReadHalt(Run),
    Refuse(Record),
    NoteWaiting(Record),
    PutAsk(Record),
}

impl StartRun {
    /// Starts what a delivery asks for, or goes on with it.
    pub const fn new(delivery: Delivery) -> Self {
        Self {
            delivery,
            at: At::ReadDelivery,
        }
    }

    /// The effect that comes next.
    pub fn effect(&self) -> Effect {
        match self.at {
            At::ReadDelivery => Effect::ReadDelivery,
            At::FindPlace(_) => Effect::FindPlace,
            At::NamePlace(..) => Effect::NamePlace,
            At::PrepareStep(_) => Effect::PrepareStep(Node::at(0)),
            At::PutAct(_) => Effect::PutAct,
            At::PutHead(_) => Effect::PutHead,
            At::DeleteAsk(_) => Effect::DeleteAsk,
            At::ReadHalt(_) => Effect::ReadHalt,
            At::Refuse(_) => Effect::RefuseDelivery,
            At::NoteWaiting(_) => Effect::NoteWaiting,
            At::PutAsk(_) => Effect::PutAsk,
        }
    }

    /// Does it.
    pub fn go_on(self, at: &mut Context<'_>) -> Next {
        match self.at {
            At::ReadDelivery => self.read_delivery(at),
            At::FindPlace(record) => self.find_place(record, at),
            At::NamePlace(record, place) => {
                if at
                    .world
                    .table
                    .swap_record(self.delivery, record, Record::Starting(place))
                {
                    self.put(place, at)
                } else {
                    self.go(At::ReadDelivery)
                }
            }
            At::PrepareStep(place) => self.prepare(place, at),
            At::PutAct(place) => {
                at.world.table.acts[place.index()] = true;
                if at.protocol.lacks(Flaw::ActAfterHead) {
                    self.delete_ask(Some(place), at)
                } else {
                    self.go(At::PutHead(place))
                }
            }
            At::PutHead(place) => self.put_head(place, at),
            At::DeleteAsk(place) => {
                at.world.table.asks[self.delivery.index()] = false;
                place.map_or(Next::Done, |place| self.advance(place, at))
            }
            At::ReadHalt(place) => read_halt(place, at),
            At::Refuse(record) => {
                if !at
                    .world
                    .table
                    .swap_record(self.delivery, record, Record::Refused)
                {
                    return self.go(At::ReadDelivery);
                }
                self.delete_ask(None, at)
            }
            At::NoteWaiting(record) => {
                if !at
                    .world
                    .table
                    .swap_record(self.delivery, record, Record::Waiting)
                {
                    return self.go(At::ReadDelivery);
                }
                if at.protocol.lacks(Flaw::AskBeforeRecord) {
                    return self.go(At::FindPlace(Record::Waiting));
                }
                self.go(At::PutAsk(Record::Waiting))
            }
            At::PutAsk(record) => self.put_ask(record, at),
        }
    }

    fn read_delivery(self, at: &Context<'_>) -> Next {
        let table = &at.world.table;
        let record = table.record(self.delivery);
        match record {
            Record::Starting(place)
                if table.archived
                    && table.head(place).is_none()
                    && at.protocol.lacks(Flaw::NamedPlaceRefused) =>
            {
                self.go(At::Refuse(record))
            }
            Record::Starting(place) => self.put(place, at),
            Record::Waiting if !table.asks[self.delivery.index()] => self.go(At::PutAsk(record)),
            Record::Absent | Record::Waiting => self.go(At::FindPlace(record)),
            Record::Refused => self.delete_ask(None, at),
            Record::Stopping(_) => Next::Done,
        }
    }

    fn find_place(self, record: Record, at: &Context<'_>) -> Next {
        let table = &at.world.table;
        let Request::Start { key, .. } = at.protocol.request(self.delivery) else {
            return Next::Done;
        };
        let forgets = at.protocol.lacks(Flaw::OriginOfOverForgotten);
        let same = table
            .runs()
            .find(|(_, head)| head.key == key && (head.end.is_none() || !forgets));
        let place = match (same, table.newest()) {
            (Some((place, _)), _) => place,
            (None, Some((_, head))) if head.end.is_none() => return self.busy(record, at),
            (None, _) if table.archived => return self.go(At::Refuse(record)),
            (None, Some((newest, _))) => match newest.next() {
                Some(place) => place,
                None => return self.go(At::Refuse(record)),
            },
            (None, None) => Run::at(0),
        };
        let by_ask = record == Record::Waiting && at.protocol.lacks(Flaw::AskNamesPlace);
        if by_ask || at.protocol.lacks(Flaw::PlaceNotNamed) {
            return self.put(place, at);
        }
        self.go(At::NamePlace(record, place))
    }

    /// The slot is taken by another run.
    fn busy(self, record: Record, at: &Context<'_>) -> Next {
        match at.protocol.busy {
            Busy::Refuse => self.go(At::Refuse(record)),
            Busy::Wait if record == Record::Waiting => Next::Done,
            Busy::Wait if at.protocol.lacks(Flaw::AskBeforeRecord) => self.go(At::PutAsk(record)),
            Busy::Wait => self.go(At::NoteWaiting(record)),
        }
    }

    fn put_ask(self, record: Record, at: &mut Context<'_>) -> Next {
        at.world.table.asks[self.delivery.index()] = true;
        if record != Record::Waiting {
            return self.go(At::NoteWaiting(record));
        }
        // The run that held the slot may have ended in between, and rung for nobody.
        if at.protocol.lacks(Flaw::WaitingNotLookedAtAgain) {
            return Next::Done;
        }
        self.go(At::FindPlace(record))
    }

    fn put(self, place: Run, at: &Context<'_>) -> Next {
        let first =
            at.protocol.lacks(Flaw::StepsBeforeFirstHead) && at.world.table.head(place).is_none();
        let lists = at.protocol.has_own_keys() && !at.protocol.lacks(Flaw::ActAfterHead);
        self.go(if first {
            At::PrepareStep(place)
        } else if lists {
            At::PutAct(place)
        } else {
            At::PutHead(place)
        })
    }

    /// What must not be done: the step is there before its head.
    fn prepare(self, place: Run, at: &mut Context<'_>) -> Next {
        let Some(head) = self.head(at) else {
            return Next::Done;
        };
        let node = Node::at(0);
        let content = at.protocol.plan.content(&head, node);
        let overwrites = at.protocol.lacks(Flaw::SameBasisOverwritten);
        let step = at.world.table.step_mut(place, node);
        match step {
            Some(there) if there.content != content && !overwrites => {
                // Somebody else is about to put a head here; the message comes again.
                at.world.queues.put_delivery(self.delivery);
                Next::Done
            }
            _ => {
                *step = Some(Step::prepared(content, 0));
                self.go(At::PutHead(place))
            }
        }
    }

    fn put_head(self, place: Run, at: &mut Context<'_>) -> Next {
        let Some(head) = self.head(at) else {
            return Next::Done;
        };
        match at.world.table.head(place) {
            Some(there) if there.key == head.key && there.end.is_none() => {
                return self.delete_ask(Some(place), at);
            }
            Some(there) if there.key == head.key => return self.delete_ask(None, at),
            Some(there) if there.end.is_none() => {
                return self.busy(Record::Starting(place), at);
            }
            Some(_) => {
                let record = Record::Starting(place);
                let next = place.next();
                return self
                    .go(next.map_or(At::Refuse(record), |next| At::NamePlace(record, next)));
            }
            None => {}
        }
        at.world.history.put(place, &head, &at.world.table);
        at.world.table.heads[place.index()] = Some(head);
        at.record(place);
        if at.protocol.has_own_keys() && at.protocol.lacks(Flaw::ActAfterHead) {
            return self.go(At::PutAct(place));
        }
        self.delete_ask(Some(place), at)
    }

    fn head(self, at: &Context<'_>) -> Option<Head> {
        let Request::Start { asked, key } = at.protocol.request(self.delivery) else {
            return None;
        };
        let plan = at.protocol.plan;
        let mut head = Head {
            origin: self.delivery,
            key,
            asked,
            version: 1,
            nodes: plan.first(),
            control: None,
            end: None,
            due: !at.protocol.lacks(Flaw::UnbegunNotDue),
        };
        if at.protocol.lacks(Flaw::StepsBeforeFirstHead) {
            let node = Node::at(0);
            head.nodes[0] = NodeState::Waiting(plan.content(&head, node));
            head.due = false;
        }
        Some(head)
    }

    fn delete_ask(self, place: Option<Run>, at: &Context<'_>) -> Next {
        if at.world.table.asks[self.delivery.index()] {
            return self.go(At::DeleteAsk(place));
        }
        place.map_or(Next::Done, |place| self.advance(place, at))
    }

    fn advance(self, place: Run, at: &Context<'_>) -> Next {
        let starter_reads = at.protocol.lacks(Flaw::HaltReadByStarterOnly)
            || at.protocol.lacks(Flaw::StepsBeforeFirstHead);
        if starter_reads && !at.protocol.lacks(Flaw::HaltNotRead) {
            return self.go(At::ReadHalt(place));
        }
        Next::Go(UseCase::AdvanceRun(AdvanceRun::look(place)))
    }

    const fn go(self, at: At) -> Next {
        Next::Go(UseCase::StartRun(Self { at, ..self }))
    }
}

/// What the starter reads where nobody else does.
fn read_halt(place: Run, at: &Context<'_>) -> Next {
    let table = &at.world.table;
    let asked = table.head(place).map(|head| head.asked);
    let halt = table.halt.filter(|halt| asked <= Some(*halt));
    Next::Go(UseCase::AdvanceRun(halt.map_or_else(
        || AdvanceRun::look(place),
        |halt| AdvanceRun::control(place, Control::Stop(halt)),
    )))
}
