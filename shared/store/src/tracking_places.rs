//! Places where runs are told.

use domain::{RunKey, TrackingPlace};

use crate::{
    Store, StoreError,
    keys::Name,
    record::TrackingRecord,
    versioned::{Swap, Versioned},
};

impl Store {
    /// The place where a run was asked for, to base a change on.
    pub async fn tracking_place(
        &self,
        run: &RunKey,
    ) -> Result<Option<Versioned<TrackingPlace>>, StoreError> {
        self.versioned::<TrackingRecord>(&Name::Tracking(run.clone()))
            .await
    }

    /// Puts what a place has become. The precondition is that nobody has put or changed it since it was read.
    pub async fn swap_tracking_place(
        &self,
        run: &RunKey,
        read: Option<&Versioned<TrackingPlace>>,
        next: TrackingPlace,
    ) -> Result<Swap<TrackingPlace>, StoreError> {
        let name = Name::Tracking(run.clone());
        match read {
            None => self.put_versioned::<TrackingRecord>(&name, next).await,
            Some(read) => {
                self.compare_and_swap::<TrackingRecord>(&name, read.version(), next)
                    .await
            }
        }
    }
}
