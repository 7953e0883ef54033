//! What a deployment can do, and which kinds of nodes it therefore refuses.

use std::collections::BTreeSet;

use super::{Capability, NodeKind, Support};

/// What a deployment can do.
#[derive(Clone, Debug, Default)]
pub struct Capabilities(BTreeSet<&'static str>);

impl Capabilities {
    /// Nothing but what the engine does itself.
    pub fn none() -> Self {
        Self::default()
    }

    /// What the functions of this build do for runs of graphs. No function puts a graph's steps on record yet.
    pub fn of_this_build() -> Self {
        Self::none()
    }

    /// Also this.
    #[must_use]
    pub fn and(mut self, capability: &'static Capability) -> Self {
        self.0.insert(capability.name);
        self
    }

    /// Why a node of this kind cannot run, and what to do; nothing if it can.
    pub fn refuses(&self, kind: &NodeKind) -> Option<(String, String)> {
        match kind.support() {
            Support::Engine => None,
            Support::Needs(capability) if self.0.contains(capability.name) => None,
            Support::Needs(capability) => Some((
                format!(
                    "it needs {}, which is not in this deployment",
                    capability.name
                ),
                format!(
                    "{} (it comes with {})",
                    capability.solution, capability.owner
                ),
            )),
            Support::Refused { reason, solution } => Some((reason.to_owned(), solution.to_owned())),
        }
    }
}
