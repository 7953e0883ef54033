//! Which connection a delivery comes through.

use super::{Connection, OwnerList};
use crate::{InstallationId, Provider, TenantId};

/// The connections that there are, as the settings say: all installations of the stage's app are one tenant's.
#[derive(Clone, Debug)]
pub struct Connections {
    tenant: TenantId,
    owners: OwnerList,
}

impl Connections {
    /// Every installation of the app is a connection of `tenant`, limited to `owners`.
    pub fn single_tenant(tenant: TenantId, owners: OwnerList) -> Self {
        Self { tenant, owners }
    }

    /// The connection of an installation of the stage's app at `provider`. That it is one, whoever asks must have
    /// verified with the app's secret.
    pub fn of_app(&self, provider: Provider, installation: InstallationId) -> Connection {
        Connection::new(self.tenant.clone(), provider, installation)
    }

    /// Whose repositories may be worked on through `connection`.
    pub fn owners(&self, _connection: &Connection) -> &OwnerList {
        &self.owners
    }
}
