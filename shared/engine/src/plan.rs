//! A definition that was found to make sense: its graph in an order in which it can be gone through.

mod check;
mod compile;
mod connect;
mod findings;
mod names;
mod node;
mod order;
mod parameters;

use std::collections::BTreeSet;

use domain::{DefinitionRef, ItemKind};
use expr::{Schema, Template, TemplateError, Violation};
use serde_json::{Value, json};

use crate::{
    fault::{Fault, Faults},
    registry::{Capabilities, Execution},
    written::{self, Concurrency, OnFailure},
};

pub use node::{Attached, NodePlan, ScopePlan};
pub(crate) use node::{Edge, Reference};
pub(crate) use parameters::Compiled;

/// What the engine makes of definitions and states. A run keeps to the semantics that it was started with.
pub const SEMANTICS: u16 = 1;

/// A definition that was found to make sense.
#[derive(Debug)]
pub struct Plan {
    pub(crate) reference: DefinitionRef,
    pub(crate) description: String,
    pub(crate) targets: BTreeSet<ItemKind>,
    pub(crate) input: Option<Schema>,
    pub(crate) concurrency: Option<Concurrency>,
    pub(crate) timeout_seconds: u32,
    pub(crate) on_failure: OnFailure,
    pub(crate) root: ScopePlan,
}

impl Plan {
    /// The longest that a run may take, in seconds.
    pub const LONGEST: u32 = 31_536_000;

    /// Reads a definition in YAML or JSON. What is wrong is said all at once, with path, reason and fix.
    pub fn read(text: &str) -> Result<Self, Faults> {
        compile::compile(written::read(text)?)
    }

    /// What runs are pinned to.
    pub const fn reference(&self) -> DefinitionRef {
        self.reference
    }

    /// What it is for, in its own words.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Whether people can ask for it by name on an item of that kind.
    pub fn applies_to(&self, kind: ItemKind) -> bool {
        self.targets.contains(&kind)
    }

    /// What a second request does while a run is not over.
    pub const fn concurrency(&self) -> Option<&Concurrency> {
        self.concurrency.as_ref()
    }

    /// Runs with the same key are one after the other; nothing means the subject's own. It may need what the input lacks.
    pub fn concurrency_key(&self, input: &Value) -> Result<Option<String>, TemplateError> {
        let key = self
            .concurrency
            .as_ref()
            .and_then(|concurrency| concurrency.key.as_ref());
        let key = key.map(|key| Template::compile(key)?.render(&json!({"run": {"input": input}})));
        key.transpose()
    }

    /// The longest that a run of it may take, in seconds.
    pub const fn timeout_seconds(&self) -> u32 {
        self.timeout_seconds
    }

    /// The graph.
    pub const fn root(&self) -> &ScopePlan {
        &self.root
    }

    /// Its triggers.
    pub fn triggers(&self) -> impl Iterator<Item = &NodePlan> {
        self.root.nodes.iter().filter(|node| node.is_trigger())
    }

    /// What is wrong with what a run is to be given.
    pub fn input_violations(&self, input: &Value) -> Vec<Violation> {
        let schema = self.input.as_ref();
        schema
            .map(|schema| schema.violations(input))
            .unwrap_or_default()
    }

    /// Why it cannot be activated where only `capabilities` are there: each node that would not run, with what to do.
    pub fn unavailable(&self, capabilities: &Capabilities) -> Vec<Fault> {
        let mut faults = Vec::new();
        self.root.each(&mut |path, node| {
            let attached = node.attached.iter();
            let attached = attached.map(|one| (format!("nodes.{}", one.id), one.kind));
            for (path, kind) in [(path.to_owned(), node.kind)].into_iter().chain(attached) {
                if let Some((reason, fix)) = capabilities.refuses(kind) {
                    faults.push(Fault::new(path, reason, fix));
                }
            }
        });
        faults
    }

    /// How many nodes it has, inside of others too.
    pub fn node_count(&self) -> usize {
        let mut count = 0;
        self.root
            .each(&mut |_, node| count += 1 + node.attached.len());
        count
    }

    /// How many nodes are done by somebody else than the engine.
    pub fn outside_count(&self) -> usize {
        let mut count = 0;
        self.root.each(&mut |_, node| {
            count += usize::from(node.kind.execution().leaves_the_engine());
        });
        count
    }
}

impl NodePlan {
    /// Whether runs begin here.
    pub fn is_trigger(&self) -> bool {
        matches!(
            self.kind.execution(),
            Execution::Inline(crate::registry::Inline::Trigger)
        )
    }
}
