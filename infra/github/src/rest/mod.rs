//! The REST API under `/api/v3`, as a GitHub Enterprise Server has it.

mod answer;
mod app;
mod branches;
mod changes;
mod comments;
mod extract;
mod finish;
mod gate;
mod hook_config;
mod hooks;
mod issues;
mod labels;
mod manifests;
mod misc;
mod moved;
mod paging;
mod pulls;
mod reactions;
mod repositories;
mod reviews;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post};
use http::{Method, Uri};

use crate::error::Error;
use crate::hub::Hub;

/// All routes, behind the gate that authenticates and counts.
pub(crate) fn router(hub: Arc<Hub>) -> Router<Arc<Hub>> {
    Router::new()
        .merge(of_the_app())
        .merge(of_issues())
        .merge(of_code())
        .route("/meta", get(misc::meta))
        .route("/rate_limit", get(misc::rate_limit))
        .route("/users/{login}", get(misc::user))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(from_fn_with_state(hub, gate::gate))
}

fn of_the_app() -> Router<Arc<Hub>> {
    Router::new()
        .route("/app", get(app::show))
        .route("/app/installations", get(app::installations))
        .route("/app/installations/{id}", get(app::installation))
        .route("/app/installations/{id}/access_tokens", post(app::mint))
        .route(
            "/app/hook/config",
            get(hook_config::show).patch(hook_config::edit),
        )
        .route("/app/hook/deliveries", get(hooks::list))
        .route("/app/hook/deliveries/{id}", get(hooks::show))
        .route("/app/hook/deliveries/{id}/attempts", post(hooks::redeliver))
        .route(
            "/app-manifests/{code}/conversions",
            post(manifests::convert),
        )
        .route("/installation/token", delete(app::revoke))
        .route("/installation/repositories", get(repositories::accessible))
}

fn of_issues() -> Router<Arc<Hub>> {
    const REPOSITORY: &str = "/repos/{owner}/{repository}";
    let at = |tail: &str| format!("{REPOSITORY}/issues{tail}");
    Router::new()
        .route(&at(""), post(issues::create))
        .route(&at("/{number}"), get(issues::show).patch(issues::edit))
        .route(
            &at("/{number}/comments"),
            get(comments::list).post(comments::create),
        )
        .route(
            &at("/comments/{id}"),
            get(comments::show)
                .patch(comments::edit)
                .delete(comments::delete),
        )
        .route(
            &at("/comments/{id}/reactions"),
            get(reactions::of_comment).post(reactions::to_comment),
        )
        .route(
            &at("/comments/{id}/reactions/{reaction}"),
            delete(reactions::undo_comment),
        )
        .route(
            &at("/{number}/reactions"),
            get(reactions::of_issue).post(reactions::to_issue),
        )
        .route(
            &at("/{number}/reactions/{reaction}"),
            delete(reactions::undo_issue),
        )
        .route(&at("/{number}/labels"), get(labels::list).post(labels::add))
        .route(&at("/{number}/labels/{name}"), delete(labels::remove))
}

fn of_code() -> Router<Arc<Hub>> {
    const REPOSITORY: &str = "/repos/{owner}/{repository}";
    let at = |tail: &str| format!("{REPOSITORY}{tail}");
    Router::new()
        .route(&at(""), get(repositories::show))
        .route(&at("/installation"), get(repositories::installation))
        .route(
            &at("/collaborators/{login}/permission"),
            get(repositories::permission),
        )
        .route(&at("/pulls"), get(pulls::list).post(pulls::create))
        .route(&at("/pulls/{number}"), get(pulls::show).patch(pulls::edit))
        .route(&at("/pulls/{number}/files"), get(changes::files))
        .route(&at("/pulls/{number}/commits"), get(changes::commits))
        .route(
            &at("/pulls/{number}/reviews"),
            get(reviews::list).post(reviews::create),
        )
        .route(
            &at("/pulls/{number}/reviews/{review}/comments"),
            get(reviews::of_review),
        )
        .route(
            &at("/pulls/{number}/comments"),
            get(reviews::comments).post(reviews::comment),
        )
        .route(
            &at("/pulls/{number}/comments/{id}/replies"),
            post(reviews::reply),
        )
        .route(&at("/contents/{*path}"), get(changes::content))
        .route(&at("/commits/{sha}"), get(changes::commit))
        .route(&at("/compare/{ends}"), get(changes::compare))
        .route(&at("/git/ref/{*name}"), get(branches::reference))
        .route(&at("/branches"), get(branches::list))
        .route(&at("/branches/{*branch}"), get(branches::branch))
}

/// Where GitHub has answers that the simulation has not.
const ROOTS: [&str; 20] = [
    "app",
    "applications",
    "apps",
    "emojis",
    "enterprises",
    "events",
    "feeds",
    "gists",
    "gitignore",
    "installation",
    "licenses",
    "markdown",
    "meta",
    "notifications",
    "organizations",
    "orgs",
    "repos",
    "search",
    "user",
    "users",
];

/// Says that GitHub may have this and the simulation has not, rather than something false.
async fn unknown(method: Method, uri: Uri) -> Error {
    let root = uri.path().trim_start_matches('/').split('/').next();
    if root.is_some_and(|root| ROOTS.contains(&root)) {
        let path = uri.path();
        return Error::NotImplemented(format!(
            "{method} {path} is not part of the simulated GitHub"
        ));
    }
    Error::NotFound
}
