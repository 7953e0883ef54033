//! What a node is told, computed.

use std::collections::{BTreeMap, BTreeSet};

use expr::{Expression, Limits, Template, Variables};
use serde_json::{Map, Value, json};

use super::context::{Context, Found};
use crate::{
    plan::Compiled,
    registry::NodeKind,
    retry::{NodeError, names},
};

/// A node's input, and the values of the names that its expressions use.
pub(super) struct Scene {
    pub(super) input: Value,
    pub(super) variables: Variables,
}

impl Scene {
    /// Looks everything up that the node's expressions and templates name.
    pub(super) fn of(context: &Context<'_>) -> Found<Self> {
        let mut names = BTreeSet::from(["input".to_owned()]);
        let attached = context
            .node()
            .attached
            .iter()
            .flat_map(|one| one.parameters.values());
        for compiled in context.node().parameters.values().chain(attached) {
            compiled.each_expression(&mut |expression| names.extend(expression.variables()));
            if let Compiled::Text(template) = compiled {
                let firsts = template
                    .names()
                    .iter()
                    .filter_map(|name| name.split('.').next());
                names.extend(firsts.map(str::to_owned));
            }
        }
        let mut variables = Variables::new();
        for name in names {
            if let Some(value) = context.variable(&name)? {
                variables.insert(name, value);
            }
        }
        context.all_there()?;
        let input = variables.get("input").cloned().unwrap_or(Value::Null);
        Ok(Self { input, variables })
    }

    /// The value of an expression; null where it has none.
    pub(super) fn query(
        &self,
        context: &Context<'_>,
        name: &str,
        expression: &Expression,
    ) -> Found<Value> {
        let moment = super::moment(context, &context.step());
        let value = expression.evaluate(&self.input, &self.variables, moment, Limits::STANDARD);
        Ok(value
            .map_err(|error| wrong(name, &error.to_string()))?
            .unwrap_or(Value::Null))
    }

    /// The value of an expression for each of a list; null where it has none.
    pub(super) fn of_each(
        &self,
        context: &Context<'_>,
        name: &str,
        expression: &Expression,
        items: &[Value],
    ) -> Found<Vec<Value>> {
        let moment = super::moment(context, &context.step());
        let values = expression.evaluate_each(items, &self.variables, moment, Limits::STANDARD);
        let values = values.map_err(|error| wrong(name, &error.to_string()))?;
        Ok(values.into_iter().map(Option::unwrap_or_default).collect())
    }

    /// True or false, and nothing that might be meant so.
    pub(super) fn holds(
        &self,
        context: &Context<'_>,
        name: &str,
        expression: &Expression,
    ) -> Found<bool> {
        match self.query(context, name, expression)? {
            Value::Bool(holds) => Ok(holds),
            _ => Err(wrong(name, "it has to be true or false").into()),
        }
    }

    /// The text of a template.
    pub(super) fn text(&self, name: &str, template: &Template) -> Found<String> {
        let values: Map<String, Value> = self.variables.clone().into_iter().collect();
        let text = template.render(&Value::Object(values));
        Ok(text.map_err(|error| wrong(name, &error.to_string()))?)
    }

    /// All that whoever does the node's work is told.
    pub(super) fn order(&self, context: &Context<'_>) -> Found<Value> {
        let node = context.node();
        let mut order = json!({
            "parameters": self.all(context, node.kind, &node.parameters)?,
            "input": self.input,
        });
        if !node.attached.is_empty() {
            let mut attached = Map::new();
            for one in &node.attached {
                let kind = one.kind;
                let told = json!({
                    "type": kind.node_type().name(),
                    "subtype": kind.subtype(),
                    "parameters": self.all(context, kind, &one.parameters)?,
                });
                attached.insert(one.id.clone(), told);
            }
            order["attached"] = Value::Object(attached);
        }
        Ok(order)
    }

    fn all(
        &self,
        context: &Context<'_>,
        kind: &NodeKind,
        parameters: &BTreeMap<&'static str, Compiled>,
    ) -> Found<Value> {
        let mut all = Map::new();
        for parameter in kind.parameters() {
            let name = parameter.name();
            let Some(compiled) = parameters.get(name) else {
                continue;
            };
            let value = self.value(context, name, compiled)?;
            if let (Compiled::Computed(_), Some(reason)) = (compiled, parameter.wrong(&value)) {
                return Err(wrong(name, &reason).into());
            }
            all.insert(name.to_owned(), value);
        }
        Ok(Value::Object(all))
    }

    /// The value of one parameter.
    pub(super) fn value(
        &self,
        context: &Context<'_>,
        name: &str,
        compiled: &Compiled,
    ) -> Found<Value> {
        Ok(match compiled {
            Compiled::Literal(value) => value.clone(),
            Compiled::Computed(expression) | Compiled::Query(expression) => {
                self.query(context, name, expression)?
            }
            Compiled::Text(template) => Value::String(self.text(name, template)?),
            Compiled::Schema { written, .. } => written.clone(),
            Compiled::List(items) => {
                let items = items.iter().map(|item| self.value(context, name, item));
                Value::Array(items.collect::<Found<Vec<_>>>()?)
            }
            Compiled::Object(fields) => {
                let fields = fields
                    .iter()
                    .map(|(key, field)| Ok((key.clone(), self.value(context, name, field)?)));
                Value::Object(fields.collect::<Found<Map<_, _>>>()?)
            }
            Compiled::Cases(_) => Value::Null,
        })
    }
}

pub(super) fn wrong(name: &str, reason: &str) -> NodeError {
    NodeError::new(names::QUERY, format!("{name}: {reason}"))
}
