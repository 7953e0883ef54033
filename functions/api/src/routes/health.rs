//! `GET /health`

use axum::Json;
use public::{Health, HealthStatus};

/// Says that the process answers. It looks at nothing else.
pub(super) async fn health() -> Json<Health> {
    Json(Health {
        status: HealthStatus::Ok,
    })
}
