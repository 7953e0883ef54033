//! What is around a node: the scopes that it is in, what comes to it, and what its expressions know.

use std::cell::RefCell;

use serde_json::{Map, Value, json};

use super::{Given, OutputKey};
use crate::{
    path::{Iteration, Path, Step},
    plan::{NodePlan, Plan, ScopePlan},
    registry::Execution,
    retry::{NodeError, names},
    state::{Inside, Phase, Repeat, Scope, State, Status},
};

/// Why nothing is computed.
#[derive(Debug)]
pub(super) enum Stop {
    /// These have to be there first.
    Missing(Vec<OutputKey>),
    /// It cannot be computed.
    Failed(NodeError),
}

impl From<NodeError> for Stop {
    fn from(error: NodeError) -> Self {
        Self::Failed(error)
    }
}

pub(super) type Found<T> = Result<T, Stop>;

/// A scope at work.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) plan: &'a ScopePlan,
    pub(super) scope: &'a Scope,
    /// The node that it is about: the one that is computed, or the one whose body comes next.
    pub(super) at: usize,
}

/// A node with all that is around it.
pub(super) struct Context<'a> {
    pub(super) given: Given<'a>,
    /// From the graph to the scope that the node is in.
    pub(super) frames: Vec<Frame<'a>>,
    pub(super) around: Vec<Iteration>,
    missing: RefCell<Vec<OutputKey>>,
}

impl<'a> Context<'a> {
    /// The graph itself.
    pub(super) fn root(plan: &'a Plan, state: &'a State, given: Given<'a>) -> Self {
        let frame = Frame {
            plan: &plan.root,
            scope: &state.root,
            at: 0,
        };
        Self {
            given,
            frames: vec![frame],
            around: Vec::new(),
            missing: RefCell::default(),
        }
    }

    /// The node of a step.
    pub(super) fn find(
        plan: &'a Plan,
        state: &'a State,
        step: &Step,
        given: Given<'a>,
    ) -> Option<Self> {
        let (mut plan, mut scope, mut frames) = (&plan.root, &state.root, Vec::new());
        for iteration in step.path.around() {
            let (at, node) = plan.find(&iteration.node)?;
            frames.push(Frame { plan, scope, at });
            plan = node.body.as_ref()?;
            scope = inner(scope.inside(at)?, iteration.index)?;
        }
        let (at, _) = plan.find(step.path.node())?;
        frames.push(Frame { plan, scope, at });
        Some(Self {
            given,
            frames,
            around: step.path.around().to_vec(),
            missing: RefCell::default(),
        })
    }

    pub(super) const fn given(&self) -> &Given<'a> {
        &self.given
    }

    pub(super) fn frame(&self) -> Frame<'a> {
        self.frames[self.frames.len() - 1]
    }

    pub(super) fn node(&self) -> &'a NodePlan {
        let frame = self.frame();
        &frame.plan.nodes[frame.at]
    }

    /// The try that is computed.
    pub(super) fn step(&self) -> Step {
        self.step_at(self.frames.len() - 1, self.frame().at)
    }

    pub(super) fn step_at(&self, level: usize, at: usize) -> Step {
        let frame = self.frames[level];
        Step {
            path: Path::new(&self.around[..level], &frame.plan.nodes[at].id),
            attempt: frame.scope.attempt(at),
        }
    }

    /// The body of the node for one time.
    pub(super) fn inside(&self, index: u32) -> Option<Self> {
        let Frame { plan, scope, at } = self.frame();
        let body = plan.nodes[at].body.as_ref()?;
        let mut frames = self.frames.clone();
        let mut around = self.around.clone();
        around.push(Iteration {
            node: plan.nodes[at].id.clone(),
            attempt: scope.attempt(at),
            index,
        });
        frames.push(Frame {
            plan: body,
            scope: inner(scope.inside(at)?, index)?,
            at: 0,
        });
        Some(Self {
            given: self.given,
            frames,
            around,
            missing: RefCell::default(),
        })
    }

    /// What was kept, or null and a note that it has to be there first.
    pub(super) fn kept(&self, key: OutputKey) -> Value {
        self.look(key).cloned().unwrap_or_default()
    }

    /// What was kept, or a note that it has to be there first.
    pub(super) fn look(&self, key: OutputKey) -> Option<&'a Value> {
        let found = self.given.outputs.get(&key);
        if found.is_none() {
            self.missing.borrow_mut().push(key);
        }
        found
    }

    /// Stops if something was not there.
    pub(super) fn all_there(&self) -> Found<()> {
        let missing = self.missing.take();
        if missing.is_empty() {
            Ok(())
        } else {
            Err(Stop::Missing(missing))
        }
    }

    /// What comes to the node.
    pub(super) fn input(&self) -> Found<Value> {
        self.input_at(self.frames.len() - 1, self.frame().at)
    }

    fn input_at(&self, level: usize, at: usize) -> Found<Value> {
        let mut values = self.arrivals(level, at)?;
        Ok(match values.len() {
            0 => self.entry(level)?,
            1 => values.remove(0).1,
            _ => Value::Object(values.into_iter().collect::<Map<_, _>>()),
        })
    }

    /// What comes to a node, by the names of those that it comes from. Nothing comes to where a scope begins.
    fn arrivals(&self, level: usize, at: usize) -> Found<Vec<(String, Value)>> {
        let frame = self.frames[level];
        let mut values = Vec::new();
        for edge in &frame.plan.nodes[at].incoming {
            let status = frame.scope.statuses[edge.from];
            if !status.leads_on() || frame.scope.port(edge.from) != edge.port {
                continue;
            }
            let value = self.value_at(level, edge.from)?;
            let value = match &edge.convert {
                Some(expression) => self.convert(expression, &value)?,
                None => value,
            };
            values.push((frame.plan.nodes[edge.from].id.clone(), value));
        }
        Ok(values)
    }

    /// What comes to the node.
    pub(super) fn own_arrivals(&self) -> Found<Vec<(String, Value)>> {
        self.arrivals(self.frames.len() - 1, self.frame().at)
    }

    fn convert(&self, expression: &expr::Expression, value: &Value) -> Found<Value> {
        // What is not there yet is converted when it is.
        if !self.missing.borrow().is_empty() {
            return Ok(Value::Null);
        }
        let moment = super::moment(self, &self.step());
        let variables = expr::Variables::from([("input".to_owned(), value.clone())]);
        let converted = expression.evaluate(value, &variables, moment, expr::Limits::STANDARD);
        let converted =
            converted.map_err(|error| NodeError::new(names::QUERY, format!("convert: {error}")))?;
        Ok(converted.unwrap_or(Value::Null))
    }

    /// What a scope begins with.
    fn entry(&self, level: usize) -> Found<Value> {
        let Some(outer) = level.checked_sub(1) else {
            return Ok(self.given.input.clone());
        };
        let Frame { plan, at, .. } = self.frames[outer];
        Ok(match plan.nodes[at].kind.execution() {
            Execution::ForEach => self.item(outer),
            Execution::Loop | Execution::While => {
                json!({"iteration": self.around[outer].index, "last": self.last(outer)})
            }
            _ => self.input_at(outer, at)?,
        })
    }

    /// What a node hands on.
    pub(super) fn value_at(&self, level: usize, at: usize) -> Found<Value> {
        let frame = self.frames[level];
        let node = &frame.plan.nodes[at];
        let caught = frame.scope.statuses[at] == Status::Caught;
        let port = node
            .ports
            .get(frame.scope.port(at))
            .map_or("", String::as_str);
        match node.kind.execution() {
            // Time changes nothing about what comes.
            Execution::Timer if !caught => self.input_at(level, at),
            Execution::Reply if !caught && port == "timeout" => Ok(json!({"timed_out": true})),
            _ => Ok(self.kept(OutputKey::result(self.step_at(level, at)))),
        }
    }

    /// The results of the nodes of the innermost scope from which nothing led on.
    pub(super) fn ends(&self) -> Found<Value> {
        let level = self.frames.len() - 1;
        let Frame { plan, scope, .. } = self.frame();
        let mut values = Vec::new();
        for (at, node) in plan.nodes.iter().enumerate() {
            let led_on = node
                .connected
                .get(scope.port(at))
                .copied()
                .unwrap_or_default();
            if scope.statuses[at].leads_on() && !led_on {
                values.push((node.id.clone(), self.value_at(level, at)?));
            }
        }
        self.all_there()?;
        Ok(one_or_all(values))
    }
}

/// The body of a node for one time.
fn inner(inside: &Inside, index: u32) -> Option<&Scope> {
    match inside {
        Inside::Each(each) => each.active.get(&index),
        Inside::Repeat(Repeat {
            iteration,
            phase: Phase::Body(scope),
            ..
        }) if *iteration == index => Some(scope),
        Inside::Within(within) if index == 0 => Some(&within.body),
        Inside::Repeat(_) | Inside::Within(_) => None,
    }
}

/// The one value, or an object of them by name, or null.
fn one_or_all(mut values: Vec<(String, Value)>) -> Value {
    match values.len() {
        0 => Value::Null,
        1 => values.remove(0).1,
        _ => Value::Object(values.into_iter().collect::<Map<_, _>>()),
    }
}
