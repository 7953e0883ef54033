//! `GET /v1/version`

use utoipa::openapi::path::Operation;

use super::{json, open};
use crate::v1::Version;

/// Which Switchyard answers.
pub(crate) fn version() -> Operation {
    open(
        "getVersion",
        "Which Switchyard answers, and which versions of the API it serves",
    )
    .response(
        "200",
        json::<Version>("The release, its commit and the versions of the API."),
    )
    .build()
}
