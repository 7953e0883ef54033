//! A tenant's tie to a provider.

use crate::{InstallationId, Login, Provider, TenantId};

/// The owners whose repositories a tenant lets Switchyard work on. Nobody is on it until named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnerList(Vec<Login>);

impl OwnerList {
    /// A list of exactly these owners.
    pub fn new(owners: Vec<Login>) -> Self {
        Self(owners)
    }

    /// The owners on it, in no order that matters.
    pub fn iter(&self) -> impl Iterator<Item = &Login> {
        self.0.iter()
    }

    /// Whether `owner` is on the list; case does not matter, as it does not at the provider.
    pub fn admits(&self, owner: &Login) -> bool {
        self.0.iter().any(|listed| listed.same_account(owner))
    }
}

/// A tenant's tie to one installation of the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The tenant that all work of this installation belongs to.
    pub tenant: TenantId,
    /// The provider.
    pub provider: Provider,
    /// The installation.
    pub installation: InstallationId,
    /// Whose repositories may be worked on.
    pub owners: OwnerList,
}

/// Finds the connection of an installation. The tenant is never taken from a delivery's body: it belongs
/// to the secret that verified the bytes, and the settings tie that secret to one tenant.
#[derive(Clone, Debug)]
pub struct Connections {
    tenant: TenantId,
    owners: OwnerList,
}

impl Connections {
    /// Every installation that the app's secret verifies belongs to `tenant`, limited to `owners`.
    pub fn single_tenant(tenant: TenantId, owners: OwnerList) -> Self {
        Self { tenant, owners }
    }

    /// The connection of `installation`.
    pub fn resolve(&self, provider: Provider, installation: InstallationId) -> Connection {
        Connection {
            tenant: self.tenant.clone(),
            provider,
            installation,
            owners: self.owners.clone(),
        }
    }

    /// The tenant to which deliveries belong that name no installation.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_admits_nobody_and_case_does_not_matter() {
        let octo: Login = "Octo-Demo".parse().unwrap();
        assert!(!OwnerList::default().admits(&octo));
        let list = OwnerList::new(vec!["octo-demo".parse().unwrap()]);
        assert!(list.admits(&octo));
        assert!(!list.admits(&"octo".parse().unwrap()));
    }
}
