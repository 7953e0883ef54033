//! `GET /health`

use utoipa::openapi::path::Operation;

use super::{json, open};
use crate::Health;

/// Whether the API answers.
pub(crate) fn health() -> Operation {
    open("getHealth", "Whether the API answers")
        .description(Some("Nothing behind the API is asked."))
        .response("200", json::<Health>("It answers."))
        .build()
}
