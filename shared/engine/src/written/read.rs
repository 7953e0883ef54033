//! From text to what is written. Size and nesting are seen before anything is parsed.

use expr::Bounds;
use serde_json::{Map, Value, json};

use super::WrittenGraph;
use crate::fault::{Fault, Faults};

/// More brackets that are open at once are no definition that anybody wrote. It bounds what the parser of YAML does.
const OPEN_BRACKETS: usize = 200;

/// The keys of a definition of one task that make it one.
const TASK: [&str; 4] = ["prompt", "access", "tools", "deliverable"];

/// What a text says. A definition of one task becomes a graph of its trigger and its agent.
pub(crate) fn read(text: &str) -> Result<WrittenGraph, Faults> {
    let value = parse(text).map_err(Faults::one)?;
    let value = match value {
        Value::Object(fields) if !fields.contains_key("nodes") && fields.contains_key("prompt") => {
            of_one_task(fields)
        }
        other => other,
    };
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = match error.path().to_string() {
            path if path == "." => "the definition".to_owned(),
            path => path,
        };
        let reason = error.into_inner().to_string();
        Faults::one(Fault::new(
            path,
            reason,
            "see docs/definitions.md for what stands there",
        ))
    })
}

fn parse(text: &str) -> Result<Value, Fault> {
    let whole = |reason: String, fix: &str| Fault::new("the definition", reason, fix);
    if text.len() > Bounds::DEFINITION.bytes {
        let reason = format!("it is larger than {} bytes", Bounds::DEFINITION.bytes);
        return Err(whole(
            reason,
            "put large values into files, or parts into definitions of their own",
        ));
    }
    if open_brackets(text) > OPEN_BRACKETS {
        let reason = format!("it has more than {OPEN_BRACKETS} open brackets at once");
        return Err(whole(reason, "close them, or nest less"));
    }
    let yaml: serde_norway::Value = serde_norway::from_str(text)
        .map_err(|error| whole(error.to_string(), "write YAML or JSON, each key once"))?;
    let value = serde_json::to_value(yaml)
        .map_err(|error| whole(error.to_string(), "use texts as keys, and no tags"))?;
    expr::check_value(&value, Bounds::DEFINITION)
        .map_err(|error| whole(error.to_string(), "nest less"))?;
    Ok(value)
}

fn open_brackets(text: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

/// The graph that a definition of one task stands for.
fn of_one_task(mut fields: Map<String, Value>) -> Value {
    let mut parameters = Map::new();
    for key in TASK {
        if let Some(value) = fields.remove(key) {
            parameters.insert(key.to_owned(), value);
        }
    }
    fields.insert("format".to_owned(), json!(1));
    if let Some(busy) = fields.remove("when_busy") {
        let on_conflict = match busy.as_str() {
            Some("refuse") => json!("reject"),
            Some("wait") => json!("queue"),
            _ => busy,
        };
        fields.insert(
            "concurrency".to_owned(),
            json!({"on_conflict": on_conflict}),
        );
    }
    let nodes = json!({
        "start": {"type": "trigger", "subtype": "manual"},
        "work": {"type": "ai_agent", "subtype": "coding_agent", "parameters": parameters},
    });
    fields.insert("nodes".to_owned(), nodes);
    fields.insert(
        "connections".to_owned(),
        json!([{"from": "start", "to": "work"}]),
    );
    Value::Object(fields)
}
