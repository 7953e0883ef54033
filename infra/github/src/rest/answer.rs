//! Errors as GitHub answers them.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

use crate::error::Error;

/// Where GitHub's own errors point to.
pub(super) const DOCUMENTATION: &str = "https://docs.github.com/rest";

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, message) = match &self {
            Self::BadRequest(message) => (StatusCode::BAD_REQUEST, message.clone()),
            Self::Unauthorized(message) => (StatusCode::UNAUTHORIZED, message.clone()),
            Self::Forbidden(message) => (StatusCode::FORBIDDEN, message.clone()),
            Self::NotFound => (StatusCode::NOT_FOUND, self.to_string()),
            Self::TooLarge => (StatusCode::NOT_ACCEPTABLE, self.to_string()),
            Self::Empty => (StatusCode::CONFLICT, self.to_string()),
            Self::Gone(message) => (StatusCode::GONE, message.clone()),
            Self::NotImplemented(message) => (StatusCode::NOT_IMPLEMENTED, message.clone()),
            Self::Unprocessable(message) => (StatusCode::UNPROCESSABLE_ENTITY, message.clone()),
            Self::Invalid(_) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "Validation Failed".to_owned(),
            ),
            Self::Database(_)
            | Self::Corrupt(_)
            | Self::Git(_)
            | Self::Process(_)
            | Self::Stopped => {
                tracing::error!(error = %self, "a request failed inside the simulation");
                (StatusCode::INTERNAL_SERVER_ERROR, "Server Error".to_owned())
            }
        };
        let mut body = json!({
            "message": message,
            "documentation_url": DOCUMENTATION,
            "status": status.as_u16().to_string(),
        });
        if let Self::Invalid(problems) = &self {
            body["errors"] = json!(problems);
        }
        if matches!(self, Self::TooLarge) {
            let problem = json!({"resource": "PullRequest", "field": "diff", "code": "too_large"});
            body["errors"] = json!([problem]);
        }
        (status, Json(body)).into_response()
    }
}
