//! S3 on the file system: buckets are folders, objects are files.
//!
//! Known limits, all of the file system below: a key that ends where another continues with `/` cannot
//! exist beside it, and there are no versions, no lifecycle rules and no bucket policies.

mod chunked;
pub(crate) mod operation;

use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderName, Request, StatusCode, header};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;

use crate::answers::{plain, text, xml_error};
use crate::config::StartError;
use crate::exchange::Exchange;
use crate::faults::AwsError;
use crate::meter::Meter;

use operation::Operation;

/// What a signature consists of. It is taken off, since any credentials are welcome and their secret
/// is not known here.
const SIGNATURE: [&str; 4] = [
    "authorization",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-content-sha256",
];

/// The objects and the service that reads and writes them.
pub(crate) struct Engine {
    service: S3Service,
    root: PathBuf,
    /// Removes the directory when the endpoints keep nothing.
    _temporary: Option<TempDir>,
}

impl Engine {
    /// Opens the directory `root`, or a temporary one.
    pub(crate) fn open(root: Option<&Path>) -> Result<Self, StartError> {
        let failed = |error: std::io::Error| StartError::Objects(error.to_string());
        let temporary = match root {
            Some(_) => None,
            None => Some(tempfile::tempdir().map_err(failed)?),
        };
        let kept = root.map(Path::to_owned);
        let root = kept.or_else(|| temporary.as_ref().map(|held| held.path().to_owned()));
        let root = root.unwrap_or_default();
        std::fs::create_dir_all(&root).map_err(failed)?;
        let files =
            FileSystem::new(&root).map_err(|error| StartError::Objects(format!("{error:?}")))?;
        let service = S3ServiceBuilder::new(files).build();
        Ok(Self {
            service,
            root,
            _temporary: temporary,
        })
    }

    /// Answers a request and counts it.
    pub(crate) async fn answer(
        &self,
        operation: &Operation,
        exchange: &Exchange,
        meter: &Meter,
    ) -> Response {
        meter.update(|counts| *counts.s3.entry(operation.name.to_owned()).or_insert(0) += 1);
        if let Some(response) = self.bucket_first(operation) {
            return response;
        }
        let Some(request) = unsigned(exchange) else {
            return xml_error(&AwsError {
                status: 400,
                code: "IncompleteBody".to_owned(),
                message: "The chunks of the body cannot be read.".to_owned(),
            });
        };
        match self.service.call(request).await {
            Ok(response) => response.map(Body::new),
            Err(error) => {
                tracing::error!(?error, "S3 did not answer");
                xml_error(&AwsError::internal())
            }
        }
    }

    /// Two answers about buckets that the file system would give differently: it makes the folder of
    /// a missing bucket, and refuses to make one twice, which S3 allows its owner in this region.
    fn bucket_first(&self, operation: &Operation) -> Option<Response> {
        let bucket = operation.bucket.as_deref()?;
        let exists = self.root.join(bucket).is_dir();
        match operation.name {
            "CreateBucket" => exists.then(|| {
                let mut response = plain(StatusCode::OK, Body::empty());
                if let Ok(location) = format!("/{bucket}").parse() {
                    response.headers_mut().insert(header::LOCATION, location);
                }
                response
            }),
            "HeadBucket" | "HeadObject" => {
                (!exists).then(|| plain(StatusCode::NOT_FOUND, Body::empty()))
            }
            _ => (!exists).then(|| {
                xml_error(&AwsError {
                    status: 404,
                    code: "NoSuchBucket".to_owned(),
                    message: "The specified bucket does not exist".to_owned(),
                })
            }),
        }
    }
}

/// The request without its signature and without the chunks that a signed upload comes in.
fn unsigned(exchange: &Exchange) -> Option<Request<s3s::Body>> {
    let parts = &exchange.parts;
    let mut headers = parts.headers.clone();
    let streaming =
        text(&headers, "x-amz-content-sha256").is_some_and(|value| value.starts_with("STREAMING-"));
    let body = if streaming {
        let decoded = chunked::decode(&exchange.body)?;
        for (name, value) in decoded.trailers {
            headers.insert(HeaderName::try_from(name).ok()?, value.parse().ok()?);
        }
        for name in [
            "x-amz-trailer",
            "x-amz-decoded-content-length",
            "transfer-encoding",
        ] {
            headers.remove(name);
        }
        chunked::forget_encoding(&mut headers);
        Bytes::from(decoded.body)
    } else {
        exchange.body.clone()
    };
    for name in SIGNATURE {
        headers.remove(name);
    }
    if !body.is_empty() || streaming {
        headers.insert(header::CONTENT_LENGTH, body.len().into());
    }
    let mut request = Request::new(s3s::Body::from(body));
    *request.method_mut() = parts.method.clone();
    *request.uri_mut() = operation::without_signature(&parts.uri)?;
    *request.headers_mut() = headers;
    Some(request)
}
