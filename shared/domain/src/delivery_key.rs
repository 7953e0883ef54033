//! The identity of a delivery.

use serde::{Deserialize, Serialize};

use crate::{DeliveryId, InstallationId, Provider};

/// What makes a delivery unique: the same key twice is the same delivery, sent again.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DeliveryKey {
    /// Who sent it.
    pub provider: Provider,
    /// For which installation; 0 where the provider names none.
    pub installation: InstallationId,
    /// The provider's id, which stays the same when it sends the delivery again.
    pub id: DeliveryId,
}
