//! A router within its boundary.

use std::{any::Any, sync::Arc};

use axum::{
    Router,
    middleware::from_fn_with_state,
    response::{IntoResponse as _, Response},
};
use contract::ProblemKind;
use tower_http::catch_panic::CatchPanicLayer;

use crate::{Boundary, access, panics::panic_text, problem::ProblemResponse};

impl Boundary {
    /// Completes a router: unknown paths and methods are problems, and so is a panic, which is logged and ends
    /// its own request only. Each request has an id, which every line about it and its answer have too, and is one
    /// line itself; of refusals to strangers, some are.
    pub fn around(self, router: Router) -> Router {
        router
            .fallback(route_not_found)
            .method_not_allowed_fallback(method_not_allowed)
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn_with_state(Arc::new(self), access::tell))
    }
}

async fn route_not_found() -> ProblemResponse {
    ProblemResponse::new(
        ProblemKind::ROUTE_NOT_FOUND,
        "There is nothing at this address.",
    )
    .for_stranger("no such route")
}

async fn method_not_allowed() -> ProblemResponse {
    ProblemResponse::new(
        ProblemKind::METHOD_NOT_ALLOWED,
        "This address does not take this method.",
    )
    .for_stranger("no such method")
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the layer hands the cause over"
)]
fn panicked(cause: Box<dyn Any + Send>) -> Response {
    tracing::error!(
        panic = panic_text(cause.as_ref()),
        "a request's handler panicked"
    );
    ProblemResponse::internal().into_response()
}
