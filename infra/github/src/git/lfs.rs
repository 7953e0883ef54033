//! Git LFS: the batch API, and one store of objects for each repository.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{post, put};
use axum::{Json, Router};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Git;
use super::http::{Asked, permit};
use crate::auth::caller::Level;
use crate::error::Error;
use crate::hub::Hub;
use crate::state::repositories::Repository;
use crate::text;

/// Bytes that one object may have.
const LARGEST: usize = 2 * 1024 * 1024 * 1024;

/// The type of every body that is not an object.
const KIND: &str = "application/vnd.git-lfs+json";

#[derive(Deserialize)]
struct Batch {
    operation: Operation,
    objects: Vec<Object>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Operation {
    Upload,
    Download,
}

#[derive(Deserialize)]
struct Object {
    oid: String,
    size: u64,
}

type One = Path<(String, String, String)>;

/// The addresses of Git LFS.
pub(crate) fn router() -> Router<Arc<Hub>> {
    const AT: &str = "/{owner}/{repository}/info/lfs";
    Router::new()
        .route(&format!("{AT}/objects/batch"), post(batch))
        .route(&format!("{AT}/objects/{{oid}}"), put(upload).get(download))
        .route(&format!("{AT}/verify"), post(verify))
        .route(&format!("{AT}/locks/verify"), post(locks))
}

async fn batch(
    State(hub): State<Arc<Hub>>,
    Path(names): Path<(String, String)>,
    request: Request,
) -> Response {
    let credential = request.headers().get(header::AUTHORIZATION).cloned();
    let asked = Asked::of(&request);
    let wanted: Batch = match read(request).await {
        Ok(wanted) => wanted,
        Err(response) => return response,
    };
    let level = match wanted.operation {
        Operation::Upload => Level::Write,
        Operation::Download => Level::Read,
    };
    let repository = match permit(&hub, &names, asked, level).await {
        Ok((repository, _)) => repository,
        Err(response) => return in_words(&response),
    };
    let objects: Vec<Value> = wanted
        .objects
        .iter()
        .map(|one| {
            answer(
                &hub,
                &repository,
                wanted.operation,
                one,
                credential.as_ref(),
            )
        })
        .collect();
    let body = json!({"transfer": "basic", "objects": objects, "hash_algo": "sha256"});
    said(StatusCode::OK, &body)
}

fn answer(
    hub: &Hub,
    repository: &Repository,
    operation: Operation,
    object: &Object,
    credential: Option<&HeaderValue>,
) -> Value {
    let Object { oid, size } = object;
    let refused = |code: u16, message: &str| json!({"oid": oid, "size": size, "error": {"code": code, "message": message}});
    let Some(path) = hub.git.object(repository, oid) else {
        return refused(422, "Invalid object id");
    };
    let there = path.is_file();
    let base = format!("{}/{}.git/info/lfs", hub.site.base, repository.full_name());
    let credential = credential.and_then(|value| value.to_str().ok());
    let action = |url: String| json!({"href": url, "header": {"Authorization": credential}, "expires_in": 3_600});
    let mut value = json!({"oid": oid, "size": size, "authenticated": true});
    match (operation, there) {
        (Operation::Download, false) => return refused(404, "Object does not exist"),
        (Operation::Download, true) => {
            value["actions"] = json!({"download": action(format!("{base}/objects/{oid}"))});
        }
        // What is there already needs no action.
        (Operation::Upload, true) => {}
        (Operation::Upload, false) => {
            value["actions"] = json!({
                "upload": action(format!("{base}/objects/{oid}")),
                "verify": action(format!("{base}/verify")),
            });
        }
    }
    value
}

async fn upload(
    State(hub): State<Arc<Hub>>,
    Path((owner, name, oid)): One,
    request: Request,
) -> Response {
    let asked = Asked::of(&request);
    let allowed = permit(&hub, &(owner, name), asked, Level::Write).await;
    let repository = match allowed {
        Ok((repository, _)) => repository,
        Err(response) => return in_words(&response),
    };
    let Ok(bytes) = to_bytes(request.into_body(), LARGEST).await else {
        return refusal(StatusCode::PAYLOAD_TOO_LARGE, "Object is too large");
    };
    match hub.git.object(&repository, &oid) {
        Some(path) if text::sha256_hex(&bytes) == oid => match keep(path, &bytes).await {
            Ok(()) => StatusCode::OK.into_response(),
            Err(error) => Error::from(error).into_response(),
        },
        _ => refusal(
            StatusCode::UNPROCESSABLE_ENTITY,
            "Object does not match its id",
        ),
    }
}

async fn download(
    State(hub): State<Arc<Hub>>,
    Path((owner, name, oid)): One,
    request: Request,
) -> Response {
    let asked = Asked::of(&request);
    match permit(&hub, &(owner, name), asked, Level::Read).await {
        Err(response) => in_words(&response),
        Ok((repository, _)) => match hub.git.object(&repository, &oid) {
            Some(path) => match tokio::fs::read(path).await {
                Ok(bytes) => Body::from(bytes).into_response(),
                Err(_) => refusal(StatusCode::NOT_FOUND, "Object does not exist"),
            },
            None => refusal(StatusCode::UNPROCESSABLE_ENTITY, "Invalid object id"),
        },
    }
}

async fn verify(
    State(hub): State<Arc<Hub>>,
    Path(names): Path<(String, String)>,
    request: Request,
) -> Response {
    let asked = Asked::of(&request);
    let object: Object = match read(request).await {
        Ok(object) => object,
        Err(response) => return response,
    };
    let repository = match permit(&hub, &names, asked, Level::Write).await {
        Ok((repository, _)) => repository,
        Err(response) => return in_words(&response),
    };
    let kept = hub.git.object(&repository, &object.oid);
    let size = kept.and_then(|path| std::fs::metadata(path).ok());
    if size.is_some_and(|size| size.len() == object.size) {
        StatusCode::OK.into_response()
    } else {
        refusal(StatusCode::NOT_FOUND, "Object does not exist")
    }
}

/// Nobody locks anything.
async fn locks() -> Response {
    said(StatusCode::OK, &json!({"ours": [], "theirs": []}))
}

async fn read<T: for<'de> Deserialize<'de>>(request: Request) -> Result<T, Response> {
    let unreadable = || refusal(StatusCode::UNPROCESSABLE_ENTITY, "The body cannot be read");
    let bytes = to_bytes(request.into_body(), LARGEST).await;
    let bytes = bytes.map_err(|_| unreadable())?;
    serde_json::from_slice(&bytes).map_err(|_| unreadable())
}

fn said(status: StatusCode, body: &Value) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(KIND));
    (status, headers, Json(body)).into_response()
}

fn refusal(status: StatusCode, message: &str) -> Response {
    let body = json!({
        "message": message,
        "documentation_url": "https://docs.github.com/repositories/working-with-files/managing-large-files",
    });
    let mut response = said(status, &body);
    if status == StatusCode::UNAUTHORIZED {
        let asks = HeaderValue::from_static("Basic realm=\"GitHub\"");
        response.headers_mut().insert("lfs-authenticate", asks);
    }
    response
}

/// What git would be told, as LFS is told it.
fn in_words(refused: &Response) -> Response {
    let message = match refused.status() {
        StatusCode::UNAUTHORIZED => "Credentials needed",
        StatusCode::FORBIDDEN => "Write access to repository not granted.",
        _ => "Repository not found.",
    };
    refusal(refused.status(), message)
}

async fn keep(path: PathBuf, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        tokio::fs::create_dir_all(parent).await?;
    }
    let part = path.with_extension("part");
    tokio::fs::write(&part, bytes).await?;
    match tokio::fs::rename(&part, path).await {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

impl Git {
    /// Where the objects of a repository are kept.
    pub(crate) fn objects(&self, repository_id: u64) -> PathBuf {
        self.root
            .with_file_name("lfs")
            .join(repository_id.to_string())
    }

    /// Where an object is kept; `None` if this is no id of one.
    fn object(&self, repository: &Repository, oid: &str) -> Option<PathBuf> {
        let plain = |one: u8| one.is_ascii_digit() || (b'a'..=b'f').contains(&one);
        let good = oid.len() == 64 && oid.bytes().all(plain);
        good.then(|| self.objects(repository.id).join(oid))
    }
}
