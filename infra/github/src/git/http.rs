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

use super::backend::{Call, Rules};
use super::sync::sync;
use crate::auth::caller::{self, ARCHIVED, Caller, Level};
use crate::error::Error;
use crate::faults::Fault;
use crate::hub::Hub;
use crate::propagation::{NotYet, Place};
use crate::state::renames;
use crate::state::repositories::{self, Repository, Setting};
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
    let (repository, _) = permit(&hub, &names, Asked::of(&request), level).await?;
    let query = format!("service={}", service.unwrap_or_default());
    let call = call("GET", &repository, "info/refs", query, request, level);
    hub.git.stream(call).await.map_err(refuse)
}

async fn upload_pack(
    State(hub): State<Arc<Hub>>,
    Path(names): Names,
    request: Request,
) -> Result<Response, Response> {
    let (repository, _) = permit(&hub, &names, Asked::of(&request), Level::Read).await?;
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
    let (repository, caller) = permit(&hub, &names, Asked::of(&request), Level::Write).await?;
    let rejected = request.extensions().get::<Fault>() == Some(&Fault::PushRejected);
    let mut call = call(
        "POST",
        &repository,
        "git-receive-pack",
        String::new(),
        request,
        Level::Write,
    );
    call.rules = rules(&hub, &repository, &caller, rejected);
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
    Call {
        method,
        path: format!("/{}/{tail}", repository.git_path()),
        query,
        headers: parts.headers,
        body,
        pusher: (level == Level::Write).then_some("x-access-token"),
        rules: Rules::default(),
    }
}

fn rules(hub: &Hub, repository: &Repository, caller: &Caller, rejected: bool) -> Rules {
    let branch = |name: &str| format!("refs/heads/{name}");
    let may_change_workflows = match caller {
        Caller::Installation(token) => {
            token.permissions.get("workflows").map(String::as_str) == Some("write")
        }
        Caller::Anonymous | Caller::App => false,
    };
    let protected = branch(&repository.default_branch);
    Rules {
        protected: repository.protected.then_some(protected),
        ruled: repository.rule.as_deref().map(branch),
        rejected,
        no_workflows: !may_change_workflows,
        objects: hub.git.objects(repository.id),
        push_protection: repository.has(Setting::PushProtection),
    }
}

/// What a request says about who asks for what.
pub(super) struct Asked {
    password: Option<String>,
    /// With its query.
    path: String,
}

impl Asked {
    /// What this request says.
    pub(super) fn of(request: &Request) -> Self {
        let path = request.uri().path_and_query();
        Self {
            password: password_of(request.headers()),
            path: path.map_or_else(String::new, ToString::to_string),
        }
    }
}

/// The repository and who asks, if they may do `level` with its code; otherwise the answer.
pub(super) async fn permit(
    hub: &Hub,
    (owner, name): &(String, String),
    asked: Asked,
    level: Level,
) -> Result<(Repository, Caller), Response> {
    let caller = caller_of(hub, asked.password, level).await?;
    let (owner, name) = (
        owner.clone(),
        name.strip_suffix(".git").unwrap_or(name).to_owned(),
    );
    let found = hub.read(move |act| match renames::formerly(act.db, &owner, &name)? {
        Some(moved) => Ok((moved, true)),
        None => Ok((repositories::find(act.db, &owner, &name)?, false)),
    });
    let allowed = found.await.and_then(|(repository, moved)| {
        caller.may(&repository, &["contents"], level)?;
        Ok((repository, moved))
    });
    match (allowed, &caller) {
        (Ok((repository, true)), Caller::Anonymous) => {
            Err(elsewhere(hub, &repository, &asked.path))
        }
        // Git does not follow a redirect that comes after a challenge, so GitHub serves it.
        (Ok((repository, _)), _) => Ok((repository, caller)),
        // Without credentials GitHub asks for some, whether or not there is such a repository.
        (Err(Error::NotFound | Error::Unauthorized(_)), Caller::Anonymous) => Err(challenge()),
        (Err(error), _) => Err(refuse(error)),
    }
}

/// Leads from a former name to the present one.
fn elsewhere(hub: &Hub, repository: &Repository, path: &str) -> Response {
    let tail = path.splitn(4, '/').nth(3).unwrap_or_default();
    let (base, name) = (&hub.site.base, repository.full_name());
    let headers = [(header::LOCATION, format!("{base}/{name}.git/{tail}"))];
    (StatusCode::MOVED_PERMANENTLY, headers).into_response()
}

async fn caller_of(hub: &Hub, password: Option<String>, level: Level) -> Result<Caller, Response> {
    let Some(token) = password else {
        return Ok(Caller::Anonymous);
    };
    let found = caller::installation(hub, &token).await;
    let token = found.map_err(|error| match error {
        Error::Forbidden(_) => refuse(error),
        _ => challenge(),
    })?;
    known(hub, &token, level)?;
    Ok(Caller::Installation(token))
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
fn password_of(headers: &HeaderMap) -> Option<String> {
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
    let text = match &error {
        Error::NotFound => "Repository not found.",
        Error::Forbidden(message) if message == ARCHIVED => {
            "This repository was archived so it is read-only."
        }
        Error::Forbidden(message) if *message == caller::not_accessible().to_string() => {
            "Write access to repository not granted."
        }
        Error::Forbidden(message) => message.as_str(),
        _ => "Internal Server Error",
    };
    (status, format!("{text}\n")).into_response()
}
