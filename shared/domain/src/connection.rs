//! A tenant's tie to a provider.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ConnectionId, InstallationId, Provider, TenantId};

mod owners;
mod registry;

pub use owners::OwnerList;
pub use registry::Connections;

/// A tenant's tie to an installation, a workspace or a site of a provider. Whatever comes through it is the tenant's, and
/// whatever is said goes out through it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Connection {
    id: ConnectionId,
    tenant: TenantId,
    provider: Provider,
    installation: InstallationId,
}

impl Connection {
    /// The tie of `tenant` to `installation` at `provider`. There is one, so its id follows from these.
    pub fn new(tenant: TenantId, provider: Provider, installation: InstallationId) -> Self {
        Self {
            id: ConnectionId::derived(&tenant, provider, installation),
            tenant,
            provider,
            installation,
        }
    }

    /// The connection of that id, as it is on record.
    pub const fn stored(
        id: ConnectionId,
        tenant: TenantId,
        provider: Provider,
        installation: InstallationId,
    ) -> Self {
        Self {
            id,
            tenant,
            provider,
            installation,
        }
    }

    /// Its id.
    pub const fn id(&self) -> ConnectionId {
        self.id
    }

    /// Whose it is.
    pub const fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The provider.
    pub const fn provider(&self) -> Provider {
        self.provider
    }

    /// What it is tied to there.
    pub const fn installation(&self) -> InstallationId {
        self.installation
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            id,
            tenant,
            provider,
            installation,
        } = self;
        write!(f, "{id} of {tenant} to {provider} {installation}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_connection_has_an_id_of_its_own(
            (one, other) in (("ten_[a-c]", 0_u64..3), ("ten_[a-c]", 0_u64..3)),
        ) {
            let connection = |(tenant, installation): &(String, u64)| {
                Connection::new(tenant.parse().unwrap(), Provider::Github, InstallationId::from(*installation))
            };
            prop_assert_eq!(connection(&one).id() == connection(&other).id(), one == other);
            let id = connection(&one).id();
            prop_assert_eq!(id.to_string().parse(), Ok(id));
        }
    }

    /// Rows are found by it, so it stays the same for ever.
    #[test]
    fn the_id_of_a_connection_never_changes() {
        let tenant = "ten_acme".parse().unwrap();
        let connection = Connection::new(tenant, Provider::Github, InstallationId::from(7));
        assert_eq!(
            connection.id().to_string(),
            "con_4p05bb416p4613d35mev10ydbm"
        );
    }
}
