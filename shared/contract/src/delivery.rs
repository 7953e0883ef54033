//! From `webhook` to `triage`.

use std::fmt;

use domain::{DeliveryId, InstallationId, Provider, RepositoryId, TraceId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{PackedBody, Version};

/// The most bytes of an invocation, which the URL of a function makes of a request.
pub const INVOCATION_LIMIT: usize = 6 * 1024 * 1024;

/// A verified delivery on its way to be decided on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryMessage {
    /// The message's version.
    pub version: Version<1>,
    /// What its signature proves.
    pub proven: Proven,
    /// The provider's id for it.
    pub delivery: DeliveryId,
    /// The provider's name for the event, such as `issue_comment`.
    pub event: String,
    /// When it was accepted.
    pub received_at: Timestamp,
    /// The trace id of the whole way.
    pub trace: TraceId,
    /// The repository it is about, as the verified document says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<RepositoryId>,
    /// The JSON document that was delivered.
    pub body: DeliveryBody,
}

/// What the secret that verified a delivery's bytes proves. Whose the delivery is follows from this alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "secret", rename_all = "snake_case")]
pub enum Proven {
    /// The secret of the stage's app, of which all installations send with the same one: the provider sent it to the app,
    /// for the installation that the verified document names.
    App {
        /// The provider.
        provider: Provider,
        /// The installation; none in what is sent to the app itself, and by a repository's own hook with the same secret.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        installation: Option<InstallationId>,
    },
}

impl Proven {
    /// Who sent it.
    pub const fn provider(&self) -> Provider {
        match self {
            Self::App { provider, .. } => *provider,
        }
    }
}

/// Where the delivered JSON document is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "body", rename_all = "snake_case")]
pub enum DeliveryBody {
    /// In the message itself.
    Inline {
        /// The packed document.
        data: PackedBody,
    },
    /// In the bucket for large bodies.
    Stored {
        /// The object's key.
        key: String,
    },
}

impl DeliveryMessage {
    /// The most characters a message may have, which is what the queue is set to accept.
    pub const SIZE_LIMIT: usize = 262_144;
    /// The group of a message before its tenant is known: the installation takes its place.
    pub fn first_group(&self) -> String {
        match self.proven {
            Proven::App {
                installation: Some(installation),
                ..
            } => self.group(installation),
            Proven::App { provider, .. } => self.group(provider),
        }
    }

    /// The group of a message, so that one repository's many do not hold up another's few, nor one tenant's another's.
    pub fn group(&self, owner: impl fmt::Display) -> String {
        match self.repository {
            Some(repository) => format!("{owner}.{repository}"),
            None => owner.to_string(),
        }
    }

    /// The largest body that is accepted. GitHub sends up to 25 MB, but no more than an invocation reaches a function.
    pub const BODY_LIMIT: usize = INVOCATION_LIMIT;
}
