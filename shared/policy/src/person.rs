//! Who asks.

use domain::{Connection, Login, Permission, Provider, TenantId};

/// A person at a provider, as one tenant's connection knows them. The tenant is the connection's, whatever a
/// delivery says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    tenant: TenantId,
    provider: Provider,
    login: Login,
    permission: Option<Permission>,
}

impl Person {
    /// The person of `login`, of whom it is not known yet what they may do at the provider.
    pub fn of(connection: &Connection, login: Login) -> Self {
        Self {
            tenant: connection.tenant.clone(),
            provider: connection.provider,
            login,
            permission: None,
        }
    }

    /// The same person, once the provider has said what they may do in the repository that is asked about.
    #[must_use]
    pub fn with_permission(self, permission: Permission) -> Self {
        Self {
            permission: Some(permission),
            ..self
        }
    }

    /// The tenant whose connection knows them.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// Where the login is known.
    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// The login.
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// What they may do in the repository, if the provider was asked.
    pub fn permission(&self) -> Option<Permission> {
        self.permission
    }
}
