//! What deciding on deliveries needs.

use std::sync::Arc;

use blobs::Blobs;
use domain::{Connections, SharedClock};
use engine::Catalogue;
use policy::Gate;
use ports::{Authority, CodeHost};
use runs::Runs;
use store::Store;

/// What `triage` may use.
#[derive(Clone, Debug)]
pub struct Triage {
    pub(crate) store: Store,
    pub(crate) runs: Runs,
    pub(crate) definitions: &'static Catalogue,
    pub(crate) blobs: Blobs,
    pub(crate) authority: Arc<dyn Authority>,
    pub(crate) code_host: Arc<dyn CodeHost>,
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
    /// Who may do what at the provider.
    pub authority: Arc<dyn Authority>,
    /// Where code is.
    pub code_host: Arc<dyn CodeHost>,
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
            authority,
            code_host,
            gate,
            connections,
            clock,
        } = parts;
        Self {
            store,
            runs,
            definitions,
            blobs,
            authority,
            code_host,
            gate,
            connections,
            clock,
        }
    }
}
