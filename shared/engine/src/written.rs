//! A definition as it is written, in YAML or JSON.

mod read;

use std::collections::{BTreeMap, BTreeSet};

use domain::{DefinitionName, ItemKind};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    registry::NodeType,
    retry::{Catcher, Retrier},
};

pub(crate) use read::read;

/// A graph as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenGraph {
    pub(crate) format: u32,
    pub(crate) name: DefinitionName,
    pub(crate) version: u32,
    #[serde(default)]
    pub(crate) description: String,
    /// Where people can ask for it by name; nowhere without it.
    #[serde(default)]
    pub(crate) targets: BTreeSet<ItemKind>,
    #[serde(default)]
    pub(crate) input: Option<Value>,
    #[serde(default)]
    pub(crate) concurrency: Option<Concurrency>,
    #[serde(default = "two_hours")]
    pub(crate) timeout_seconds: u32,
    #[serde(default)]
    pub(crate) on_failure: OnFailure,
    pub(crate) nodes: BTreeMap<String, WrittenNode>,
    #[serde(default)]
    pub(crate) connections: Vec<WrittenConnection>,
}

const fn two_hours() -> u32 {
    7200
}

/// What becomes of a run when a node has failed and no rule catches that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// It ends.
    #[default]
    Fail,
    /// The node waits for somebody to have it tried again, or to cancel the run.
    Hold,
}

/// What a second request does while a run is not over.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Concurrency {
    /// Runs with the same key are one after the other: a template. Without it there is one at a time for each subject.
    #[serde(default)]
    pub key: Option<String>,
    /// What happens then.
    #[serde(default)]
    pub on_conflict: OnConflict,
    /// With `debounce`: how long it is quiet before the last request starts.
    #[serde(default)]
    pub debounce_seconds: Option<u32>,
}

/// What a second request does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnConflict {
    /// It is refused.
    #[default]
    Reject,
    /// It waits.
    Queue,
    /// It ends the other one first.
    Replace,
    /// Of several close to one another the last one counts.
    Debounce,
}

/// A node as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenNode {
    pub(crate) r#type: NodeType,
    pub(crate) subtype: String,
    #[serde(default)]
    pub(crate) description: String,
    #[serde(default)]
    pub(crate) parameters: Map<String, Value>,
    #[serde(default)]
    pub(crate) attached_nodes: Vec<String>,
    #[serde(default)]
    pub(crate) timeout_seconds: Option<u32>,
    #[serde(default)]
    pub(crate) heartbeat_seconds: Option<u32>,
    #[serde(default)]
    pub(crate) retry: Vec<Retrier>,
    #[serde(default)]
    pub(crate) catch: Vec<Catcher>,
    #[serde(default)]
    pub(crate) body: Option<WrittenBody>,
}

/// What a node repeats.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenBody {
    pub(crate) nodes: BTreeMap<String, WrittenNode>,
    #[serde(default)]
    pub(crate) connections: Vec<WrittenConnection>,
}

/// What leads from one node to another.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenConnection {
    pub(crate) from: String,
    pub(crate) to: String,
    #[serde(default)]
    pub(crate) output: Option<String>,
    /// Computes what is handed on from what the first node gives.
    #[serde(default)]
    pub(crate) convert: Option<String>,
    /// Whether the second node is skipped if nothing comes this way, whatever comes by others.
    #[serde(default)]
    pub(crate) required: bool,
}
