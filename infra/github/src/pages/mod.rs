//! Plain pages that a person can click.

mod forms;
mod home;
mod issue;
mod look;
mod manifest;
pub(crate) mod markdown;
mod pull;
mod repository;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::hub::Hub;

/// All pages and the forms on them.
pub(crate) fn router() -> Router<Arc<Hub>> {
    Router::new()
        .route("/", get(home::show))
        .route("/settings/apps/new", post(manifest::of_a_person))
        .route(
            "/organizations/{organization}/settings/apps/new",
            post(manifest::of_an_organization),
        )
        .route("/{owner}/{repository}", get(repository::show))
        .route(
            "/{owner}/{repository}/blob/{branch}/{*path}",
            get(repository::file),
        )
        .route("/{owner}/{repository}/issues", post(forms::open))
        .route("/{owner}/{repository}/issues/new", get(issue::new))
        .route("/{owner}/{repository}/issues/{number}", get(issue::show))
        .route(
            "/{owner}/{repository}/issues/{number}/timeline",
            get(issue::timeline),
        )
        .route(
            "/{owner}/{repository}/issues/{number}/comments",
            post(forms::comment),
        )
        .route(
            "/{owner}/{repository}/issues/{number}/labels",
            post(forms::label),
        )
        .route("/{owner}/{repository}/pull/{number}", get(pull::show))
        .fallback(look::nothing)
}
