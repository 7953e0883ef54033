//! Functions.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::{Map, Value};

use super::{
    TemplateError,
    event::{self, Event},
    node::{Fields, Known, Node},
    place::Place,
    resource::Resource,
    scope::Scope,
    statement::{self, Statement},
};

/// What Lambda and SAM give a function that says nothing.
const DEFAULT_TIMEOUT: SignedDuration = SignedDuration::from_secs(3);
const DEFAULT_MEMORY_MB: u32 = 128;
const DEFAULT_ASYNC_RETRIES: u32 = 2;
const DEFAULT_ASYNC_MAX_AGE: SignedDuration = SignedDuration::from_hours(6);

const KNOWN: Known = Known {
    used: &[
        "MemorySize",
        "Timeout",
        "Role",
        "ReservedConcurrentExecutions",
        "EventInvokeConfig",
        "Environment",
        "Events",
    ],
    ignored: &[
        "FunctionName",
        "Description",
        "Runtime",
        "Handler",
        "CodeUri",
        "Architectures",
        "LoggingConfig",
        "Tracing",
        "Tags",
    ],
};

const ENVIRONMENT: Known = Known {
    used: &["Variables"],
    ignored: &[],
};

const ASYNCHRONOUS: Known = Known {
    used: &[
        "MaximumRetryAttempts",
        "MaximumEventAgeInSeconds",
        "DestinationConfig",
    ],
    ignored: &[],
};

/// A Lambda function.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Its name in the template.
    pub logical_id: String,
    /// Name of its binary.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// How long a call may take.
    pub timeout: SignedDuration,
    /// Its memory in MiB.
    pub memory_mb: u32,
    /// The most calls at a time that are kept for it alone; no such limit if nothing.
    pub reserved_concurrency: Option<u32>,
    /// What happens to calls that nobody waits for.
    pub asynchronous: Asynchronous,
    /// Its environment, with every value resolved.
    pub environment: BTreeMap<String, String>,
    /// What calls it, besides routes.
    pub events: Vec<Event>,
    /// What it may do; nothing if it has no role of its own.
    pub statements: Vec<Statement>,
}

/// What happens to calls of a function that nobody waits for, such as those of a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asynchronous {
    /// How often a failed call is repeated.
    pub max_retries: u32,
    /// The age at which a call is given up.
    pub max_age: SignedDuration,
    /// Logical id of the queue that is told of calls that are given up.
    pub on_failure: Option<String>,
}

pub(super) fn read(scope: &Scope<'_>, resource: &Resource) -> Result<Function, TemplateError> {
    let place = resource.place();
    let properties = merged(&scope.function_globals, &resource.properties);
    let mut fields = scope.resolve_fields(&properties, &place, &KNOWN)?;
    let statements = match fields.optional("Role") {
        None => Vec::new(),
        Some(role) => statement::of_role(scope, &role)?,
    };
    let events = match fields.optional("Events") {
        None => Vec::new(),
        Some(events) => event::read_all(scope, events)?,
    };
    Ok(Function {
        logical_id: resource.id.clone(),
        name: binary(resource)?,
        arn: scope.arn(resource, &place)?,
        timeout: fields.seconds_or("Timeout", DEFAULT_TIMEOUT)?,
        memory_mb: fields.count_or("MemorySize", DEFAULT_MEMORY_MB)?,
        reserved_concurrency: fields
            .optional("ReservedConcurrentExecutions")
            .map(|node| node.count())
            .transpose()?,
        asynchronous: asynchronous(scope, &mut fields)?,
        environment: environment(&mut fields)?,
        events,
        statements,
    })
}

/// The name of the binary that the build makes for the function.
fn binary(resource: &Resource) -> Result<String, TemplateError> {
    let place = Place::section("Resources")
        .key(&resource.id)
        .key("Metadata.BuildProperties.Binary");
    let name = resource.metadata.pointer("/BuildProperties/Binary");
    match name {
        Some(Value::String(name)) => Ok(name.clone()),
        Some(_) => Err(place.invalid("the name of a binary")),
        None => Err(place.missing()),
    }
}

fn environment(fields: &mut Fields) -> Result<BTreeMap<String, String>, TemplateError> {
    let Some(environment) = fields.optional("Environment") else {
        return Ok(BTreeMap::new());
    };
    let Some(variables) = environment.fields(&ENVIRONMENT)?.optional("Variables") else {
        return Ok(BTreeMap::new());
    };
    variables
        .entries()?
        .into_iter()
        .map(|(name, value)| Ok((name, value.text()?)))
        .collect()
}

fn asynchronous(scope: &Scope<'_>, fields: &mut Fields) -> Result<Asynchronous, TemplateError> {
    let place = fields.place().key("EventInvokeConfig");
    let config = fields
        .optional("EventInvokeConfig")
        .unwrap_or_else(|| Node::new(Value::Object(Map::new()), place));
    let mut config = config.fields(&ASYNCHRONOUS)?;
    Ok(Asynchronous {
        max_retries: config.count_or("MaximumRetryAttempts", DEFAULT_ASYNC_RETRIES)?,
        max_age: config.seconds_or("MaximumEventAgeInSeconds", DEFAULT_ASYNC_MAX_AGE)?,
        on_failure: event::on_failure(scope, &mut config)?,
    })
}

/// `own` properties on top of the `globals`, as SAM merges them: maps by key, lists one behind the other, and otherwise the
/// function's own value.
fn merged(globals: &Map<String, Value>, own: &Map<String, Value>) -> Map<String, Value> {
    let mut merged = globals.clone();
    for (key, own) in own {
        let value = match (merged.remove(key), own) {
            (Some(Value::Object(global)), Value::Object(own))
                if !is_intrinsic(&global) && !is_intrinsic(own) =>
            {
                Value::Object(self::merged(&global, own))
            }
            (Some(Value::Array(mut global)), Value::Array(own)) => {
                global.extend(own.iter().cloned());
                Value::Array(global)
            }
            (_, own) => own.clone(),
        };
        merged.insert(key.clone(), value);
    }
    merged
}

fn is_intrinsic(entries: &Map<String, Value>) -> bool {
    entries
        .keys()
        .any(|key| key.starts_with("Fn::") || (key == "Ref" && entries.len() == 1))
}
