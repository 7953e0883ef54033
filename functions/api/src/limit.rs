//! How large a request may be.

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http_body::Body as _;
use kit::ProblemResponse;

/// The most bytes of a body. Documents of this API are small.
pub const BODY_LIMIT: usize = 256 * 1024;

/// Refuses a body that is known to be too large before anybody looks at the request, whether or not the route reads it.
pub(crate) async fn limited(request: Request, next: Next) -> Response {
    let size = usize::try_from(request.body().size_hint().lower()).unwrap_or(usize::MAX);
    if size > BODY_LIMIT {
        let problem = ProblemResponse::too_large(BODY_LIMIT);
        return problem.for_stranger("body too large").into_response();
    }
    next.run(request).await
}
