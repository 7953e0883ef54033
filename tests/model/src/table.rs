//! The table: what every actor reads and changes, an item at a time.

use serde::Serialize;

use crate::{
    Asked, DELIVERIES, Delivery, Head, NODES, Node, Outcome, Place, RUNS, Record, Run, Step,
    StepState,
};

/// An item, as it has become.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// A run head.
    Head(Run, Option<Head>),
    /// A step attempt.
    Step(Run, Node, Option<Step>),
    /// Where a run is told (`TRK`).
    Place(Run, Option<Place>),
    /// The stop in force (`HLT`).
    Halt(Option<Asked>),
    /// What is on record of a delivery.
    Record(Delivery, Record),
    /// Whether a delivery waits for the slot (`ASK`).
    Ask(Delivery, bool),
    /// Whether a run is listed as unfinished (`ACT`).
    Act(Run, bool),
}

/// Every item of the slot's partition, and the deliveries.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Table {
    /// Run heads, by their sequence number.
    pub heads: [Option<Head>; RUNS],
    /// Step attempts, by run and node.
    pub steps: [[Option<Step>; NODES]; RUNS],
    /// Where runs are told (`TRK`).
    pub places: [Option<Place>; RUNS],
    /// The stop in force (`HLT`).
    pub halt: Option<Asked>,
    /// What is on record of each delivery.
    pub records: [Record; DELIVERIES],
    /// Whether a delivery waits for the slot (`ASK`), with a due time.
    pub asks: [bool; DELIVERIES],
    /// Whether a run whose key is its own is listed as unfinished (`ACT`), with a due time.
    pub acts: [bool; RUNS],
    /// Whether the definition has been archived.
    pub archived: bool,
}

impl Table {
    /// A table with nothing in it.
    pub const fn empty() -> Self {
        Self {
            heads: [None; RUNS],
            steps: [[None; NODES]; RUNS],
            places: [None; RUNS],
            halt: None,
            records: [Record::Absent; DELIVERIES],
            asks: [false; DELIVERIES],
            acts: [false; RUNS],
            archived: false,
        }
    }

    /// The head of a run.
    pub fn head(&self, run: Run) -> Option<&Head> {
        self.heads[run.index()].as_ref()
    }

    /// The step of a node.
    pub fn step(&self, run: Run, node: Node) -> Option<&Step> {
        self.steps[run.index()][node.index()].as_ref()
    }

    /// Where the step of a node is kept.
    pub fn step_mut(&mut self, run: Run, node: Node) -> &mut Option<Step> {
        &mut self.steps[run.index()][node.index()]
    }

    /// What is on record of a delivery.
    pub fn record(&self, delivery: Delivery) -> Record {
        self.records[delivery.index()]
    }

    /// Swaps what is on record of a delivery, if it is what it was read to be.
    pub fn swap_record(&mut self, delivery: Delivery, read: Record, new: Record) -> bool {
        let record = &mut self.records[delivery.index()];
        let same = *record == read;
        if same {
            *record = new;
        }
        same
    }

    /// The newest run of the slot.
    pub fn newest(&self) -> Option<(Run, &Head)> {
        let heads = Run::all().filter_map(|run| Some((run, self.head(run)?)));
        heads.last()
    }

    /// The runs that there are.
    pub fn runs(&self) -> impl Iterator<Item = (Run, &Head)> {
        Run::all().filter_map(|run| Some((run, self.head(run)?)))
    }

    /// Whether a step is one that its run waits for.
    pub fn is_named(&self, run: Run, node: Node) -> bool {
        self.head(run)
            .is_some_and(|head| head.node(node).is_named())
    }

    /// The items that differ from an earlier table.
    pub fn changes_since(&self, before: &Self) -> Vec<Item> {
        let mut items = Vec::new();
        for run in Run::all() {
            let at = run.index();
            items.push(
                (self.heads[at] != before.heads[at]).then(|| Item::Head(run, self.heads[at])),
            );
            for node in Node::all() {
                let step = self.step(run, node).copied();
                let changed = step != before.step(run, node).copied();
                items.push(changed.then_some(Item::Step(run, node, step)));
            }
            let act = self.acts[at];
            items.push((act != before.acts[at]).then_some(Item::Act(run, act)));
            let place = self.places[at];
            items.push((place != before.places[at]).then_some(Item::Place(run, place)));
        }
        items.push((self.halt != before.halt).then_some(Item::Halt(self.halt)));
        for delivery in Delivery::all() {
            let (record, ask) = (self.record(delivery), self.asks[delivery.index()]);
            let changed = record != before.record(delivery);
            items.push(changed.then_some(Item::Record(delivery, record)));
            let changed = ask != before.asks[delivery.index()];
            items.push(changed.then_some(Item::Ask(delivery, ask)));
        }
        items.into_iter().flatten().collect()
    }

    /// Closes a step, unless somebody is at work on it. Its due time stays: it is how a lost look at the run is found.
    pub fn close_idle(&mut self, run: Run, node: Node, outcome: Outcome, keeps_due: bool) -> bool {
        let Some(step) = self.step_mut(run, node).as_mut() else {
            return false;
        };
        let idle = step.is_idle();
        if idle {
            step.state = StepState::Closed(outcome);
            step.due = keeps_due;
        }
        idle
    }
}
