//! The statuses of nodes that are gone through together.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Bits, Reason, Status};
use crate::{
    plan::{NodePlan, ScopePlan},
    retry::NodeError,
};

/// The statuses of the nodes of a scope, in the order of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scope {
    #[serde(rename = "s", serialize_with = "signs", deserialize_with = "of_signs")]
    pub(crate) statuses: Vec<Status>,
    /// What is unusual about nodes, by place.
    #[serde(rename = "m", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) more: BTreeMap<usize, More>,
    /// Why nothing begins here any more.
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub(crate) stopping: Option<Reason>,
    /// The first failure that no rule caught.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<NodeError>,
    /// Whether its result is being kept.
    #[serde(rename = "y", default, skip_serializing_if = "is_false")]
    pub(crate) yielding: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
const fn is_false(value: &bool) -> bool {
    !*value
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
const fn is_first(attempt: &u32) -> bool {
    *attempt == 1
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

const fn first() -> u32 {
    1
}

/// What is unusual about a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct More {
    /// Which try, from 1.
    #[serde(rename = "a", default = "first", skip_serializing_if = "is_first")]
    pub(crate) attempt: u32,
    /// The port by which it leads on.
    #[serde(rename = "p", default, skip_serializing_if = "is_zero")]
    pub(crate) port: usize,
    /// How often each of its rules for trying again was used.
    #[serde(rename = "t", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tries: Vec<u32>,
    /// Why its item is to be closed.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub(crate) closing: Option<Reason>,
    /// What has become of its body.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub(crate) inside: Option<Inside>,
    /// What it waits for somebody about.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<NodeError>,
    /// How its work came out, and that of its body.
    #[serde(rename = "o", default, skip_serializing_if = "Marks::is_none")]
    pub(crate) marks: Marks,
}

impl Default for More {
    fn default() -> Self {
        Self {
            attempt: 1,
            port: 0,
            tries: Vec::new(),
            closing: None,
            inside: None,
            error: None,
            marks: Marks::default(),
        }
    }
}

/// How work came out: 1 for what is incomplete, 2 for what is unchanged, 4 for what was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Marks(u8);

impl Marks {
    pub(crate) const INCOMPLETE: Self = Self(1);
    pub(crate) const UNCHANGED: Self = Self(2);
    pub(crate) const DONE: Self = Self(4);

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands over a reference"
    )]
    const fn is_none(&self) -> bool {
        self.0 == 0
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// What has become of a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Inside {
    /// For each item.
    Each(Each),
    /// Again and again.
    Repeat(Repeat),
    /// Within a time.
    Within(Within),
}

/// A body for each item of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Each {
    #[serde(rename = "n")]
    pub(crate) total: u32,
    /// The first item that has not begun.
    #[serde(rename = "b")]
    pub(crate) next: u32,
    /// Those at work, at most as many as may be at once.
    #[serde(rename = "a", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) active: BTreeMap<u32, Scope>,
    /// Those whose result is kept.
    #[serde(rename = "d", default, skip_serializing_if = "Bits::is_empty")]
    pub(crate) done: Bits,
    /// Those that failed.
    #[serde(rename = "f", default, skip_serializing_if = "Bits::is_empty")]
    pub(crate) failed: Bits,
    /// The failure that was one too many.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<NodeError>,
}

/// A body again and again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Repeat {
    /// Which time, from 0.
    #[serde(rename = "k")]
    pub(crate) iteration: u32,
    /// How often in all, if that is known.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub(crate) times: Option<u32>,
    #[serde(rename = "p")]
    pub(crate) phase: Phase,
}

/// What a repeating node is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Phase {
    /// Whether there is another time.
    Condition,
    /// The body.
    Body(Scope),
    /// Its result.
    Collect,
}

/// A body within a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Within {
    #[serde(rename = "b")]
    pub(crate) body: Scope,
    #[serde(rename = "t")]
    pub(crate) timer: TimerState,
}

/// What has become of the timer of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TimerState {
    /// It runs.
    Open,
    /// It is to be closed.
    Closing,
    /// It was closed.
    Closed,
    /// It has fired.
    Fired,
}

impl Scope {
    pub(crate) fn new(plan: &ScopePlan) -> Self {
        Self {
            statuses: vec![Status::Pending; plan.nodes.len()],
            more: BTreeMap::new(),
            stopping: None,
            error: None,
            yielding: false,
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.statuses.iter().all(|status| status.is_over())
    }

    pub(crate) fn attempt(&self, at: usize) -> u32 {
        self.more.get(&at).map_or(1, |more| more.attempt)
    }

    pub(crate) fn port(&self, at: usize) -> usize {
        self.more.get(&at).map_or(0, |more| more.port)
    }

    pub(crate) fn inside(&self, at: usize) -> Option<&Inside> {
        self.more.get(&at).and_then(|more| more.inside.as_ref())
    }

    pub(crate) fn more_mut(&mut self, at: usize) -> &mut More {
        self.more.entry(at).or_default()
    }

    /// Drops what is not unusual any more, so that states stay small and equal ones look the same.
    pub(crate) fn tidy(&mut self, at: usize) {
        if self.more.get(&at) == Some(&More::default()) {
            self.more.remove(&at);
        }
    }

    pub(crate) fn marks(&self) -> Marks {
        let all = self.more.values().map(|more| more.marks);
        all.fold(Marks::default(), Marks::and)
    }

    /// Whether it can be of this part of a plan.
    pub(crate) fn fits(&self, plan: &ScopePlan) -> bool {
        self.statuses.len() == plan.nodes.len()
            && self.more.iter().all(|(at, more)| {
                plan.nodes
                    .get(*at)
                    .is_some_and(|node| more.port < node.ports.len().max(1) && more.fits(node))
            })
    }
}

impl More {
    fn fits(&self, node: &NodePlan) -> bool {
        let Some(inside) = &self.inside else {
            return true;
        };
        node.body.as_ref().is_some_and(|body| match inside {
            Inside::Each(each) => {
                each.next <= each.total && each.active.values().all(|scope| scope.fits(body))
            }
            Inside::Repeat(Repeat {
                phase: Phase::Body(scope),
                ..
            }) => scope.fits(body),
            Inside::Repeat(_) => true,
            Inside::Within(within) => within.body.fits(body),
        })
    }
}

fn signs<S: Serializer>(statuses: &[Status], serializer: S) -> Result<S::Ok, S::Error> {
    let signs: String = statuses.iter().map(|status| status.sign()).collect();
    serializer.serialize_str(&signs)
}

fn of_signs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Status>, D::Error> {
    let signs = String::deserialize(deserializer)?;
    let statuses = signs.chars().map(Status::of_sign);
    let statuses = statuses.collect::<Option<Vec<_>>>();
    statuses.ok_or_else(|| serde::de::Error::custom("these are no statuses"))
}
