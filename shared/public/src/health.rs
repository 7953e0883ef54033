//! Whether anybody is there.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether the API answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// Always `ok`: an API that does not answer says nothing.
    pub status: HealthStatus,
}

/// What an API that answers says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum HealthStatus {
    /// It answers. Nothing behind it was asked.
    Ok,
}
