//! Git over smart HTTP: who may fetch and who may push.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use data_encoding::BASE64;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;

use super::backend::Call;
use super::sync::sync;
use crate::auth::caller::{self, Caller, Level};
use crate::error::Error;
use crate::faults::Fault;
use crate::hub::Hub;
use crate::propagation::{NotYet, Place};
use crate::state::repositories::{self, Repository};
use crate::state::tokens::Token;

/// The three addresses of git over HTTP.
pub(crate) fn router() -> Router<Arc<Hub>> {
    Router::new()
        .route("/{owner}/{repository}/info/refs", get(advertise))
        .route("/{owner}/{repository}/git-upload-pack", post(upload_pack))
        .route("/{owner}/{repository}/git-receive-pack", post(receive_pack))
}

type Names = Path<(String, String)>;

#[derive(Deserialize)]
struct Service {
    service: Option<String>,
}

async fn advertise(
    State(hub): State<Arc<Hub>>,
    Path(names): Names,
    Query(Service { service }): Query<Service>,
    request: Request,
) -> Result<Response, Response> {
    let level = match service.as_deref() {
        Some("git-upload-pack") => Level::Read,
        Some("git-receive-pack") => Level::Write,
        _ => return Err((StatusCode::FORBIDDEN, "Please upgrade your git client.").into_response()),
    };
    let repository = permit(&hub, &names, request.headers(), level).await?;
    let query = format!("service={}", service.unwrap_or_default());
    let call = call("GET", &repository, "info/refs", query, request, level);
    hub.git.stream(call).await.map_err(refuse)
}

async fn upload_pack(
    State(hub): State<Arc<Hub>>,
    Path(names): Names,
    request: Request,
) -> Result<Response, Response> {
    let repository = permit(&hub, &names, request.headers(), Level::Read).await?;
    let call = call(
        "POST",
        &repository,
        "git-upload-pack",
        String::new(),
        request,
        Level::Read,
    );
    hub.git.stream(call).await.map_err(refuse)
}

/// Takes a push and records what it changed before answering, so that whoever saw the push succeed
/// also sees its effects. The work goes on if the connection is lost half-way.
async fn receive_pack(
    State(hub): State<Arc<Hub>>,
    Path(names): Names,
    request: Request,
) -> Result<Response, Response> {
    let repository = permit(&hub, &names, request.headers(), Level::Write).await?;
    let rejected = request.extensions().get::<Fault>() == Some(&Fault::PushRejected);
    let mut call = call(
        "POST",
        &repository,
        "git-receive-pack",
        String::new(),
        request,
        Level::Write,
    );
    call.rejected = rejected;
    let work = hub.tasks.spawn(push(Arc::clone(&hub), repository, call));
    match work.await {
        Ok(result) => result.map_err(refuse),
        Err(_) => Err(refuse(Error::Stopped)),
    }
}

async fn push(hub: Arc<Hub>, repository: Repository, call: Call) -> Result<Response, Error> {
    let response = hub.git.complete(call).await?;
    sync(&hub, &repository, &hub.site.bot_login()).await?;
    Ok(response)
}

fn call(
    method: &'static str,
    repository: &Repository,
    tail: &str,
    query: String,
    request: Request<Body>,
    level: Level,
) -> Call {
    let (parts, body) = request.into_parts();
    let protected = format!("refs/heads/{}", repository.default_branch);
    Call {
        method,
        path: format!("/{}/{tail}", repository.git_path()),
        query,
        headers: parts.headers,
        body,
        pusher: (level == Level::Write).then_some("x-access-token"),
        protected: repository.protected.then_some(protected),
        rejected: false,
    }
}

async fn permit(
    hub: &Hub,
    (owner, name): &(String, String),
    headers: &HeaderMap,
    level: Level,
) -> Result<Repository, Response> {
    let caller = match password(headers) {
        None => Caller::Anonymous,
        Some(token) => {
            let found = caller::installation(hub, &token).await;
            let token = found.map_err(|_| challenge())?;
            known(hub, &token, level)?;
            Caller::Installation(token)
        }
    };
    let (owner, name) = (
        owner.clone(),
        name.strip_suffix(".git").unwrap_or(name).to_owned(),
    );
    let found = hub
        .read(move |act| repositories::find(act.db, &owner, &name))
        .await;
    let allowed = found.and_then(|repository| {
        caller.may(&repository, &["contents"], level)?;
        Ok(repository)
    });
    match (allowed, &caller) {
        (Ok(repository), _) => Ok(repository),
        // Without credentials GitHub asks for some, whether or not there is such a repository.
        (Err(Error::NotFound | Error::Unauthorized(_)), Caller::Anonymous) => Err(challenge()),
        (Err(error), _) => Err(refuse(error)),
    }
}

/// Refuses a token that git does not know of yet.
#[expect(clippy::result_large_err, reason = "the error is the answer itself")]
fn known(hub: &Hub, token: &Token, level: Level) -> Result<(), Response> {
    let place = match level {
        Level::Read => Place::Fetch,
        Level::Write => Place::Push,
    };
    match hub.fresh.too_early(&token.hash, place, hub.now()) {
        None => Ok(()),
        Some(NotYet::Unauthorized) => Err(challenge()),
        Some(NotYet::Forbidden) => Err(refuse(caller::not_accessible())),
        Some(NotYet::NotFound) => Err(refuse(Error::NotFound)),
    }
}

/// The password of Basic credentials; the user name does not matter to GitHub.
fn password(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Some(String::new());
    }
    let decoded = BASE64.decode(encoded.trim().as_bytes()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    Some(
        text.split_once(':')
            .map_or("", |(_, password)| password)
            .to_owned(),
    )
}

fn challenge() -> Response {
    let headers = [(header::WWW_AUTHENTICATE, "Basic realm=\"GitHub\"")];
    (
        StatusCode::UNAUTHORIZED,
        headers,
        "Invalid username or token.\n",
    )
        .into_response()
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is used as a function of errors"
)]
fn refuse(error: Error) -> Response {
    let status = match &error {
        Error::NotFound => StatusCode::NOT_FOUND,
        Error::Forbidden(_) => StatusCode::FORBIDDEN,
        _ => {
            tracing::error!(%error, "git over HTTP failed");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    };
    let text = match status {
        StatusCode::NOT_FOUND => "Repository not found.\n",
        StatusCode::FORBIDDEN => "Write access to repository not granted.\n",
        _ => "Internal Server Error\n",
    };
    (status, text).into_response()
}
