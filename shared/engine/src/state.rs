//! What a run has come to: a status a node, and little else.

mod bits;
mod scope;
mod status;

use serde::{Deserialize, Serialize};

use crate::{
    plan::{Plan, SEMANTICS},
    retry::NodeError,
};

pub use bits::Bits;
pub(crate) use scope::{Each, Inside, Marks, More, Phase, Repeat, Scope, TimerState, Within};
pub use status::{Reason, Status};

/// What is wanted of a run beside what its definition says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// Nothing.
    #[default]
    Run,
    /// It begins nothing; what is begun may end.
    Pause,
    /// It ends as soon as all it waits for is closed.
    Stop(Stop),
}

/// Why a run is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// Somebody wanted it.
    Cancelled,
    /// Its time is over.
    Expired,
}

/// How a run has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// All that was to be done is done.
    Succeeded,
    /// Something came of it, but not all.
    Incomplete,
    /// There was nothing to change.
    Unchanged,
    /// A failure that no rule caught.
    Failed(NodeError),
    /// Somebody wanted it to end.
    Cancelled,
    /// Its time was over.
    Expired,
}

/// What a run has come to. Its text is small: one sign a node, and what differs from the usual.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    #[serde(rename = "v")]
    pub(crate) semantics: u16,
    #[serde(rename = "c", default, skip_serializing_if = "is_run")]
    pub(crate) control: Control,
    #[serde(rename = "r")]
    pub(crate) root: Scope,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub(crate) ended: Option<Ended>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_run(control: &Control) -> bool {
    *control == Control::Run
}

impl State {
    /// The state of a run that has not begun.
    pub fn new(plan: &Plan) -> Self {
        Self {
            semantics: SEMANTICS,
            control: Control::Run,
            root: Scope::new(&plan.root),
            ended: None,
        }
    }

    /// The semantics of the engine that the run keeps to.
    pub const fn semantics(&self) -> u16 {
        self.semantics
    }

    /// What is wanted of the run.
    pub const fn control(&self) -> Control {
        self.control
    }

    /// How it has ended, if it has.
    pub const fn ended(&self) -> Option<&Ended> {
        self.ended.as_ref()
    }

    /// Each node outside of bodies with its status.
    pub fn statuses<'a>(&'a self, plan: &'a Plan) -> impl Iterator<Item = (&'a str, Status)> {
        let nodes = plan.root.nodes.iter().map(|node| node.id.as_str());
        nodes.zip(self.root.statuses.iter().copied())
    }

    /// Whether it can be of a run of this plan: a state is read from outside.
    pub fn fits(&self, plan: &Plan) -> bool {
        self.semantics == SEMANTICS && self.root.fits(&plan.root)
    }
}
