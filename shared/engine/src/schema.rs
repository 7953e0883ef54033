//! The JSON Schema of definitions, made from the registry: what editors check and complete by. It says what is written
//! how; what makes sense together, [`Plan::read`](crate::Plan::read) says.

use serde_json::{Map, Value, json};

use crate::registry::{self, Execution, NodeKind, NodeType, Parameter, ParameterType};

const NAME: &str = "^[a-z]+(-[a-z]+)*$";
const NODE: &str = "^[a-z][a-z0-9_]{0,39}$";

/// The JSON Schema of definitions, draft 2020-12.
pub fn json_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A definition of Switchyard",
        "if": {"required": ["nodes"]},
        "then": graph(),
        "else": task(),
        "$defs": definitions(),
    })
}

fn head() -> Map<String, Value> {
    let head = json!({
        "name": {"type": "string", "pattern": NAME, "maxLength": 31, "not": {"const": "stop"}},
        "version": {"type": "integer", "minimum": 1},
        "targets": {"type": "array", "items": {"enum": ["issue", "pull_request"]}, "uniqueItems": true},
    });
    object(head)
}

/// A definition of one task.
fn task() -> Value {
    let mut properties = head();
    properties.extend(object(json!({
        "access": {"enum": ["read", "write"]},
        "tools": {"enum": ["read", "write"]},
        "deliverable": {"enum": ["findings", "pull_request"]},
        "when_busy": {"enum": ["refuse", "wait"]},
        "prompt": {"type": "string", "minLength": 1},
    })));
    closed(properties, &["name", "version", "targets", "prompt"])
}

fn graph() -> Value {
    let mut properties = head();
    properties.extend(object(json!({
        "format": {"const": 1},
        "description": {"type": "string"},
        "input": {"type": ["object", "boolean"], "description": "A JSON Schema of what a run is given."},
        "concurrency": closed(object(json!({
            "key": {"type": "string"},
            "on_conflict": {"enum": ["reject", "queue", "replace", "debounce"]},
            "debounce_seconds": {"type": "integer", "minimum": 1, "maximum": 3600},
        })), &[]),
        "timeout_seconds": {"type": "integer", "minimum": 1, "maximum": crate::Plan::LONGEST},
        "on_failure": {"enum": ["fail", "hold"]},
        "nodes": {"$ref": "#/$defs/nodes"},
        "connections": {"$ref": "#/$defs/connections"},
    })));
    closed(properties, &["format", "name", "version", "nodes"])
}

fn definitions() -> Value {
    let mut definitions = object(json!({
        "nodes": {
            "type": "object",
            "propertyNames": {"pattern": NODE},
            "additionalProperties": {"$ref": "#/$defs/node"},
            "minProperties": 1,
        },
        "connections": {"type": "array", "items": {"$ref": "#/$defs/connection"}, "maxItems": 2000},
        "connection": closed(object(json!({
            "from": {"type": "string"},
            "to": {"type": "string"},
            "output": {"type": "string"},
            "convert": {"type": "string"},
            "required": {"type": "boolean"},
        })), &["from", "to"]),
        "computed": {"type": "string", "pattern": r"^\s*\{%[\s\S]*%\}\s*$"},
        "errors": {"type": "array", "items": {"type": "string"}, "minItems": 1},
    }));
    definitions.insert("node".to_owned(), node());
    for kind in registry::kinds() {
        definitions.insert(parameters_name(kind), parameters(kind));
    }
    Value::Object(definitions)
}

fn node() -> Value {
    let types = NodeType::ALL.map(NodeType::name);
    let properties = object(json!({
        "type": {"enum": types},
        "subtype": {"type": "string"},
        "description": {"type": "string"},
        "parameters": {"type": "object"},
        "attached_nodes": {"type": "array", "items": {"type": "string"}},
        "timeout_seconds": {"type": "integer", "minimum": 1},
        "heartbeat_seconds": {"type": "integer", "minimum": 30, "maximum": 3600},
        "retry": {"type": "array", "items": closed(object(json!({
            "errors": {"$ref": "#/$defs/errors"},
            "interval_seconds": {"type": "integer", "minimum": 1, "maximum": 86400},
            "max_attempts": {"type": "integer", "minimum": 0, "maximum": 99},
            "backoff_rate": {"type": "number", "minimum": 1, "maximum": 100},
            "max_delay_seconds": {"type": "integer", "minimum": 1, "maximum": 86400},
            "jitter": {"enum": ["none", "full"]},
        })), &["errors"])},
        "catch": {"type": "array", "items": closed(object(json!({
            "errors": {"$ref": "#/$defs/errors"},
            "output": {"type": "string"},
        })), &["errors"])},
        "body": closed(object(json!({
            "nodes": {"$ref": "#/$defs/nodes"},
            "connections": {"$ref": "#/$defs/connections"},
        })), &["nodes"]),
    }));
    let mut node = closed(properties, &["type", "subtype"]);
    let of_types = NodeType::ALL.map(|node_type| {
        let kinds = registry::kinds().filter(|kind| kind.node_type() == node_type);
        let subtypes: Vec<&str> = kinds.map(NodeKind::subtype).collect();
        json!({
            "if": {"properties": {"type": {"const": node_type.name()}}},
            "then": {"properties": {"subtype": {"enum": subtypes}}},
        })
    });
    let of_kinds = registry::kinds().map(|kind| {
        let mut then = json!({"properties": {
            "parameters": {"$ref": format!("#/$defs/{}", parameters_name(kind))},
        }});
        let mut required = Vec::new();
        if kind.parameters().iter().any(Parameter::required) {
            required.push("parameters");
        }
        if kind.execution().has_body() {
            required.push("body");
        } else {
            then["properties"]["body"] = Value::Bool(false);
        }
        then["required"] = json!(required);
        json!({
            "if": {"properties": {
                "type": {"const": kind.node_type().name()},
                "subtype": {"const": kind.subtype()},
            }},
            "then": then,
        })
    });
    node["allOf"] = Value::Array(of_types.into_iter().chain(of_kinds).collect());
    node
}

fn parameters_name(kind: &NodeKind) -> String {
    format!("{}.{}", kind.node_type().name(), kind.subtype())
}

fn parameters(kind: &NodeKind) -> Value {
    let properties = kind
        .parameters()
        .iter()
        .map(|parameter| (parameter.name().to_owned(), value(parameter)));
    let required: Vec<&str> = kind
        .parameters()
        .iter()
        .filter(|parameter| parameter.required())
        .map(Parameter::name)
        .collect();
    let mut parameters = closed(properties.collect(), &required);
    let attached = if kind.execution() == Execution::Attached {
        " It is attached to an agent."
    } else {
        ""
    };
    parameters["description"] = format!("{}{attached}", kind.meaning()).into();
    parameters
}

fn value(parameter: &Parameter) -> Value {
    let mut value = match parameter.of() {
        ParameterType::Integer => json!({"type": "integer"}),
        ParameterType::Float => json!({"type": "number"}),
        ParameterType::Boolean => json!({"type": "boolean"}),
        ParameterType::Enum => json!({"enum": parameter.options()}),
        ParameterType::Json => json!({}),
        ParameterType::Schema => json!({"type": ["object", "boolean"]}),
        ParameterType::Url => json!({"type": "string", "pattern": "^https?://"}),
        ParameterType::Secret => json!({"type": "string", "pattern": "^[A-Z][A-Z0-9_]{0,63}$"}),
        ParameterType::Definition => json!({"type": "string", "pattern": NAME}),
        ParameterType::Cases => json!({
            "type": "array",
            "minItems": 1,
            "maxItems": 50,
            "items": closed(object(json!({
                "output": {"type": "string", "pattern": "^[a-z0-9_]{1,40}$"},
                "when": {"type": "string"},
            })), &["output", "when"]),
        }),
        _ => json!({"type": "string"}),
    };
    if let Some((least, most)) = parameter.range() {
        value["minimum"] = least.into();
        value["maximum"] = most.into();
    }
    let mut value = match parameter.of() {
        ParameterType::Json => value,
        _ if parameter.can_be_computed() => json!({"anyOf": [value, {"$ref": "#/$defs/computed"}]}),
        _ => value,
    };
    value["description"] = parameter.meaning().into();
    if let Some(default) = parameter.default_value() {
        value["default"] = default;
    }
    value
}

fn closed(properties: Map<String, Value>, required: &[&str]) -> Value {
    let properties = Value::Object(properties);
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
