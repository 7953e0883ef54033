//! What answers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which Switchyard answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Version {
    /// The release, such as `0.1.0`.
    pub version: String,
    /// The commit that it was built from; missing if it was built from something else than a commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, pattern = "^[0-9a-f]{40}$")]
    pub commit: Option<String>,
    /// The versions of the API that are served, the oldest first.
    pub apis: Vec<ApiVersion>,
}

/// A version of the API, the first part of its paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ApiVersion {
    /// Version 1, under `/v1`.
    V1,
}
