//! The calls of the worker protocol.

use contract::{
    Claim, ClaimProof,
    worker::{
        ClaimRequest, ClaimResponse, EventsRequest, FinishRequest, GitAccess, GitToken,
        GitTokenRequest, HeartbeatResponse, ReleaseRequest,
    },
};
use domain::{DaemonId, JobId};
use http::Method;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use url::Url;

use super::WorkerError;
use crate::{HttpClient, Request, Response};

/// The worker protocol over HTTP. Every call is made once: who calls knows what a second try means.
#[derive(Clone, Debug)]
pub struct WorkerClient {
    http: HttpClient,
    api: Url,
    key: SecretString,
}

#[derive(Serialize)]
struct Empty {}

impl WorkerClient {
    /// A client of the API at `api`, the address without `/worker/v1`, that proves itself with the daemons' `key`.
    /// The HTTP client must trust the API's origin unless it is public.
    pub fn new(http: HttpClient, api: Url, key: SecretString) -> Self {
        Self { http, api, key }
    }

    /// Claims `job` as `daemon` with the token of its message, at a time of the daemon's clock.
    pub async fn claim(
        &self,
        job: JobId,
        token: &SecretString,
        daemon: &DaemonId,
        at: Timestamp,
    ) -> Result<ClaimResponse, WorkerError> {
        let claim = Claim {
            job,
            token: token.expose_secret(),
            daemon,
        };
        let request = ClaimRequest {
            daemon: daemon.clone(),
            proof: Some(ClaimProof::new(&self.key, claim, at)),
        };
        read(&self.call(job, "claim", token, &request).await?)
    }

    /// Extends the lease that `token` belongs to.
    pub async fn heartbeat(
        &self,
        job: JobId,
        token: &SecretString,
    ) -> Result<HeartbeatResponse, WorkerError> {
        read(&self.call(job, "heartbeat", token, &Empty {}).await?)
    }

    /// Sends progress events.
    pub async fn events(
        &self,
        job: JobId,
        token: &SecretString,
        request: &EventsRequest,
    ) -> Result<(), WorkerError> {
        self.call(job, "events", token, request).await.map(drop)
    }

    /// Asks for a git credential, which is minted for this call.
    pub async fn git_token(
        &self,
        job: JobId,
        token: &SecretString,
        access: GitAccess,
    ) -> Result<GitToken, WorkerError> {
        let request = GitTokenRequest { access };
        read(&self.call(job, "git-token", token, &request).await?)
    }

    /// Ends the job. The same end told twice is accepted.
    pub async fn finish(
        &self,
        job: JobId,
        token: &SecretString,
        request: &FinishRequest,
    ) -> Result<(), WorkerError> {
        self.call(job, "finish", token, request).await.map(drop)
    }

    /// Gives the job back. Saying it twice is accepted, until somebody else has the job.
    pub async fn release(
        &self,
        job: JobId,
        token: &SecretString,
        request: &ReleaseRequest,
    ) -> Result<(), WorkerError> {
        self.call(job, "release", token, request).await.map(drop)
    }

    async fn call<T: Serialize>(
        &self,
        job: JobId,
        action: &str,
        token: &SecretString,
        body: &T,
    ) -> Result<Response, WorkerError> {
        let request = Request::new(Method::POST, self.url(job, action)?)
            .bearer(token)?
            .json(body)?;
        let response = self.http.send(request).await?;
        if response.status.is_success() {
            Ok(response)
        } else {
            Err(WorkerError::from_response(&response))
        }
    }

    fn url(&self, job: JobId, action: &str) -> Result<Url, WorkerError> {
        let mut url = self.api.clone();
        url.path_segments_mut()
            .map_err(|()| WorkerError::Misconfigured {
                reason: "the API's address has no path".to_owned(),
            })?
            .pop_if_empty()
            .extend(["worker", "v1", "jobs", &job.to_string(), action]);
        Ok(url)
    }
}

fn read<T: DeserializeOwned>(response: &Response) -> Result<T, WorkerError> {
    response.json().map_err(|error| WorkerError::Unexpected {
        reason: format!("the body: {error}"),
    })
}
