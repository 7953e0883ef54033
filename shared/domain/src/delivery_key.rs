//! The identity of a delivery.

use serde::{Deserialize, Serialize};

use crate::{Connection, ConnectionId, DeliveryId, TenantId};

/// What makes a delivery unique: the same key twice is the same delivery, sent again.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DeliveryKey {
    tenant: TenantId,
    connection: ConnectionId,
    id: DeliveryId,
}

impl DeliveryKey {
    /// The delivery `id` by the tenant's connection.
    pub const fn new(tenant: TenantId, connection: ConnectionId, id: DeliveryId) -> Self {
        Self {
            tenant,
            connection,
            id,
        }
    }

    /// The delivery `id` by `connection`.
    pub fn by(connection: &Connection, id: DeliveryId) -> Self {
        Self::new(connection.tenant().clone(), connection.id(), id)
    }

    /// Whose it is.
    pub const fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The connection that it came through.
    pub const fn connection(&self) -> ConnectionId {
        self.connection
    }

    /// The provider's id, which stays the same when it sends the delivery again.
    pub const fn id(&self) -> &DeliveryId {
        &self.id
    }
}
