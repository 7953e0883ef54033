//! The values of the names that expressions use.

use serde_json::{Map, Value, json};

use super::{
    OutputKey, Part,
    context::{Context, Found, Frame},
};
use crate::{registry::Execution, state::Inside};

impl Context<'_> {
    pub(super) fn item(&self, level: usize) -> Value {
        let step = self.step_at(level, self.frames[level].at);
        let items = self.look(OutputKey {
            step,
            part: Part::Items,
        });
        let index = self.around[level].index as usize;
        let item = items.and_then(|items| items.get(index));
        item.cloned().unwrap_or_default()
    }

    /// What the body gave the time before.
    pub(super) fn last(&self, level: usize) -> Value {
        let Frame { scope, at, .. } = self.frames[level];
        let iteration = match scope.inside(at) {
            Some(Inside::Repeat(repeat)) => repeat.iteration,
            _ => 0,
        };
        let Some(before) = iteration.checked_sub(1) else {
            return Value::Null;
        };
        let step = self.step_at(level, at);
        self.kept(OutputKey {
            step,
            part: Part::Item(before),
        })
    }

    /// The value of a name that an expression may use; nothing for one that is not known here.
    pub(super) fn variable(&self, name: &str) -> Found<Option<Value>> {
        let leaf = self.frames.len() - 1;
        Ok(match name {
            "input" => Some(self.input()?),
            "run" => Some(json!({"id": self.given.run.to_string(), "input": self.given.input})),
            "nodes" => Some(self.nodes()?),
            "item" => self
                .around_of(leaf, &[Execution::ForEach])
                .map(|level| self.item(level)),
            "index" => self
                .around_of(leaf, &[Execution::ForEach])
                .map(|level| self.around[level].index.into()),
            "last" | "iteration" => self.repeated(leaf, name),
            _ => None,
        })
    }

    fn repeated(&self, leaf: usize, name: &str) -> Option<Value> {
        let own = self.node().kind.execution() == Execution::While;
        let level = if own {
            leaf
        } else {
            self.around_of(leaf, &[Execution::Loop, Execution::While])?
        };
        if name == "last" {
            return Some(self.last(level));
        }
        let Frame { scope, at, .. } = self.frames[level];
        match scope.inside(at) {
            Some(Inside::Repeat(repeat)) => Some(repeat.iteration.into()),
            _ => Some(0.into()),
        }
    }

    /// The innermost scope around whose node is of one of these kinds.
    fn around_of(&self, leaf: usize, kinds: &[Execution]) -> Option<usize> {
        (0..leaf).rev().find(|level| {
            let Frame { plan, at, .. } = self.frames[*level];
            kinds.contains(&plan.nodes[at].kind.execution())
        })
    }

    /// What the nodes gave that the node's expressions name; those that had no turn are not there.
    fn nodes(&self) -> Found<Value> {
        let mut nodes = Map::new();
        for reference in &self.node().references {
            let level = self.frames.len() - 1 - reference.up;
            if self.frames[level].scope.statuses[reference.position].leads_on() {
                let value = self.value_at(level, reference.position)?;
                nodes.insert(reference.id.clone(), value);
            }
        }
        Ok(Value::Object(nodes))
    }
}
