//! What nodes have given.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::path::Step;

/// Which of the values of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// What it hands on.
    Result,
    /// The list that its body goes through.
    Items,
    /// What its body gave for one time.
    Item(u32),
}

/// Under what a value is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputKey {
    /// The try that gave it.
    pub step: Step,
    /// Which of its values.
    pub part: Part,
}

impl OutputKey {
    /// What a try hands on.
    pub const fn result(step: Step) -> Self {
        Self {
            step,
            part: Part::Result,
        }
    }
}

/// Values by what they are kept under.
pub type Outputs = BTreeMap<OutputKey, Value>;
