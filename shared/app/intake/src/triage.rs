//! What deciding on deliveries needs.

use blobs::Blobs;
use domain::{Connections, SharedClock};
use engine::Catalogue;
use github::GitHub;
use policy::Gate;
use runs::Runs;
use store::Store;

/// What `triage` may use.
#[derive(Clone, Debug)]
pub struct Triage {
    pub(crate) store: Store,
    pub(crate) runs: Runs,
    pub(crate) definitions: &'static Catalogue,
    pub(crate) blobs: Blobs,
    pub(crate) github: GitHub,
    pub(crate) gate: Gate,
    pub(crate) connections: Connections,
    pub(crate) clock: SharedClock,
}

/// What a [`Triage`] is made of.
#[derive(Clone, Debug)]
pub struct TriageParts {
    /// The table.
    pub store: Store,
    /// The use cases of runs.
    pub runs: Runs,
    /// What can be asked for.
    pub definitions: &'static Catalogue,
    /// The bucket with large bodies.
    pub blobs: Blobs,
    /// The provider.
    pub github: GitHub,
    /// Where permission is given.
    pub gate: Gate,
    /// The tenants' ties to installations.
    pub connections: Connections,
    /// The clock.
    pub clock: SharedClock,
}

impl Triage {
    /// Puts the parts together.
    pub fn new(parts: TriageParts) -> Self {
        let TriageParts {
            store,
            runs,
            definitions,
            blobs,
            github,
            gate,
            connections,
            clock,
        } = parts;
        Self {
            store,
            runs,
            definitions,
            blobs,
            github,
            gate,
            connections,
            clock,
        }
    }
}
