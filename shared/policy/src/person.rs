//! Who asks.

use domain::{Connection, Permission, Requester, TenantId};

/// A person at a provider, as one tenant's connection knows them. The tenant is the connection's, whatever a
/// delivery says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    connection: Connection,
    account: Requester,
    permission: Option<Permission>,
}

impl Person {
    /// The person with that account, of whom it is not known yet what they may do at the provider.
    pub fn of(connection: &Connection, account: Requester) -> Self {
        Self {
            connection: connection.clone(),
            account,
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
        self.connection.tenant()
    }

    /// The connection that knows them.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The account.
    pub fn account(&self) -> &Requester {
        &self.account
    }

    /// What they may do in the repository, if the provider was asked.
    pub fn permission(&self) -> Option<Permission> {
        self.permission
    }
}
