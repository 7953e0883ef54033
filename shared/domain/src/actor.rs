//! Who is asking.

use serde::{Deserialize, Serialize};

use crate::{DaemonId, Login, Provider, TenantId};

/// Who asks for a use case, and for which tenant. Every use case takes one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The tenant in whose name it acts.
    pub tenant: TenantId,
    /// The person or part of the system that asks.
    pub principal: Principal,
}

/// The person or part of the system that asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Principal {
    /// A person or bot known by their login at a provider.
    Account {
        /// Where the login is known.
        provider: Provider,
        /// The login.
        login: Login,
    },
    /// A daemon that holds a token for one job.
    Daemon {
        /// The daemon's own name.
        daemon: DaemonId,
    },
    /// Switchyard itself, on a clock tick or on the table's stream.
    System,
}

impl Actor {
    /// Switchyard itself, acting for `tenant`.
    pub fn system(tenant: TenantId) -> Self {
        Self {
            tenant,
            principal: Principal::System,
        }
    }
}
