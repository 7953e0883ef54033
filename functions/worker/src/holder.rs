//! The daemon that makes a request, once it has proven its lease.

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::request::Parts;
use runs::{Leaseholder, Worker};
use secrecy::ExposeSecret;

use crate::{bearer::Bearer, job_path::JobPath, problem::Refused};

/// The daemon whose token is for a lease on the job of the path. Nothing else of a request is read before.
#[derive(Debug)]
pub(crate) struct Holder(pub(crate) Leaseholder);

impl FromRequestParts<Worker> for Holder {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, worker: &Worker) -> Result<Self, Response> {
        let path = JobPath::from_request_parts(parts, worker).await;
        let JobPath(job) = path.map_err(IntoResponse::into_response)?;
        let bearer = Bearer::from_request_parts(parts, worker).await;
        let Bearer(token) = bearer.map_err(IntoResponse::into_response)?;
        let holder = worker.leaseholder(token.expose_secret(), job);
        holder
            .map(Self)
            .map_err(|error| Refused(error).into_response())
    }
}
