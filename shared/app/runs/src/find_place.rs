//! Where a run can go: the next place of its slot, by the runs that are there.

use domain::{RunHead, RunOrder, RunSequence};
use jiff::SignedDuration;

use crate::{AppError, Runs};

/// How far the provider's clock may be ahead of ours. A run that was started so much before the request was made
/// cannot be what came of it, nor any older one.
const CLOCKS: SignedDuration = SignedDuration::from_mins(15);

/// Where a run can go.
pub(crate) enum Place {
    Free(RunSequence),
    /// The same request has started it before, by this delivery or another one.
    Same(Box<RunHead>),
    /// Another run of this definition is unfinished.
    Busy(Box<RunHead>),
    /// The same was asked for again since, and this is the run of that.
    Overtaken(Box<RunHead>),
}

impl Runs {
    /// What the runs that are there say of a request.
    pub(crate) async fn find_place(&self, order: &RunOrder) -> Result<Place, AppError> {
        let origin = &order.origin;
        let (since, key) = (origin.asked().at() - CLOCKS, origin.idempotency_key());
        let heads = self
            .store()
            .heads_since(&order.subject.key(), order.definition.name, since)
            .await?;
        let same = |head: &&RunHead| head.origin().idempotency_key() == key;
        let later = |head: &&RunHead| head.origin().asked().is_after(origin.asked());
        let unfinished = |head: &&RunHead| head.finished().is_none();
        let boxed = |head: &RunHead| Box::new(head.clone());
        let newest = heads.first();
        Ok(if let Some(head) = heads.iter().find(same) {
            Place::Same(boxed(head))
        } else if let Some(head) = heads.iter().find(later) {
            Place::Overtaken(boxed(head))
        } else if let Some(head) = newest.filter(unfinished) {
            Place::Busy(boxed(head))
        } else {
            Place::Free(newest.map_or(RunSequence::FIRST, |head| head.sequence().next()))
        })
    }
}
