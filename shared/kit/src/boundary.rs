//! What stands around the routes of a function that answers HTTP requests.

use std::{any::Any, sync::Arc};

use axum::{
    Router,
    middleware::from_fn_with_state,
    response::{IntoResponse as _, Response},
};
use contract::ProblemKind;
use domain::{RequestId, SharedClock, SharedRandom};
use http::HeaderValue;
use settings::{Program, SWITCHYARD_PUBLIC_URL, Settings, SettingsError};
use telemetry::Sampler;
use tower_http::catch_panic::CatchPanicLayer;
use url::Url;

use crate::{
    access,
    problem::{self, ProblemResponse},
};

/// The header of every answer that names the request.
pub const REQUEST_ID: &str = "x-request-id";

/// A kind of refusal to strangers: the route as the template of its path, and the reason.
pub(crate) type Kind = (String, &'static str);

/// What stands around the routes of a function that answers HTTP requests.
#[derive(Debug)]
pub struct Boundary {
    strangers: Sampler<Kind>,
    random: SharedRandom,
    public_url: Option<Url>,
}

impl Boundary {
    /// One whose problems link to their pages relative to the function's own address.
    pub fn new(clock: SharedClock, random: SharedRandom) -> Self {
        Self {
            strangers: Sampler::new(clock),
            random,
            public_url: None,
        }
    }

    /// The one of `program`, whose problems link to their pages at `SWITCHYARD_PUBLIC_URL`, if that is set.
    pub fn from_settings(
        settings: &Settings,
        program: Program,
        clock: SharedClock,
        random: SharedRandom,
    ) -> Result<Self, SettingsError> {
        let mut read = settings.reader(program);
        let public_url = read.get(&SWITCHYARD_PUBLIC_URL);
        read.finish(|| {
            Some(Self {
                public_url,
                ..Self::new(clock, random)
            })
        })
    }

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

    /// The id for a request that came without Lambda.
    pub(crate) fn mint(&self) -> RequestId {
        RequestId::mint(self.random.as_ref())
    }

    /// Which refusals to strangers get a line.
    pub(crate) const fn strangers(&self) -> &Sampler<Kind> {
        &self.strangers
    }

    /// Says in an answer which request it belongs to.
    pub(crate) fn mark(&self, response: &mut Response, id: &RequestId) {
        if let Ok(value) = HeaderValue::from_str(id.as_str()) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        problem::amend(response, |problem| {
            let problem = problem.of_request(id.clone());
            match &self.public_url {
                Some(url) => problem.explained_at(url.as_str()),
                None => problem,
            }
        });
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

/// The text of a panic, where it has one.
pub(crate) fn panic_text(cause: &(dyn Any + Send)) -> &str {
    let text = cause.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("no text")
}
