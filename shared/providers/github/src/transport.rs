//! One call to GitHub's API, with its limits, its second try and its moved addresses.

use std::time::Duration;

use domain::SharedClock;
use http::{HeaderName, HeaderValue, Method, header::LOCATION};
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::SecretString;
use serde::Serialize;
use url::Url;

use crate::{
    GitHubError, answer,
    limits::{Account, Limits},
    skew::Skew,
};
use egress::{HttpClient, Request, Response};

/// How long to wait before the second try, at least.
const PAUSE: Duration = Duration::from_millis(150);
/// What GitHub calls its JSON.
const JSON: &str = "application/vnd.github+json";
const API_VERSION: HeaderName = HeaderName::from_static("x-github-api-version");

/// The way to one GitHub.
#[derive(Debug)]
pub(crate) struct Transport {
    http: HttpClient,
    api: Url,
    clock: SharedClock,
    limits: Limits,
    skew: Skew,
}

/// A call that has not been authorised yet.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    request: Request,
    accept: &'static str,
    repeatable: bool,
}

impl Call {
    /// Reads something.
    pub(crate) fn get(url: Url) -> Self {
        Self {
            request: Request::new(Method::GET, url),
            accept: JSON,
            repeatable: true,
        }
    }

    /// Takes something away, which is as good done twice.
    pub(crate) fn delete(url: Url) -> Self {
        Self {
            request: Request::new(Method::DELETE, url),
            accept: JSON,
            repeatable: true,
        }
    }

    /// Writes something.
    pub(crate) fn write<T: Serialize>(
        method: Method,
        url: Url,
        body: &T,
    ) -> Result<Self, GitHubError> {
        let request = Request::new(method, url).json(body)?;
        Ok(Self {
            request,
            accept: JSON,
            repeatable: false,
        })
    }

    /// Asks for another media type than JSON.
    pub(crate) fn accepting(self, accept: &'static str) -> Self {
        Self { accept, ..self }
    }

    /// Doing it twice is as good as once.
    pub(crate) fn repeatable(self) -> Self {
        Self {
            repeatable: true,
            ..self
        }
    }
}

impl Transport {
    pub(crate) fn new(http: HttpClient, api: Url, clock: SharedClock) -> Self {
        Self {
            http,
            api,
            clock,
            limits: Limits::default(),
            skew: Skew::default(),
        }
    }

    /// What is known of GitHub's clock.
    pub(crate) fn skew(&self) -> &Skew {
        &self.skew
    }

    pub(crate) fn clock(&self) -> &SharedClock {
        &self.clock
    }

    /// The address of a resource. Segments are encoded, so that no name can leave its place.
    pub(crate) fn url(&self, segments: &[&str]) -> Result<Url, GitHubError> {
        let mut url = self.api.clone();
        url.path_segments_mut()
            .map_err(|()| GitHubError::Misconfigured {
                reason: "the API's address has no path".to_owned(),
            })?
            .pop_if_empty()
            .extend(segments);
        Ok(url)
    }

    /// Makes the call for `account`, twice if that does no harm and the first try met a passing fault.
    pub(crate) async fn send(
        &self,
        account: Account,
        token: &SecretString,
        call: Call,
    ) -> Result<Response, GitHubError> {
        self.limits.check(account, self.clock.now())?;
        let request = call
            .request
            .accept(call.accept)
            .header(API_VERSION, HeaderValue::from_static("2022-11-28"))
            .bearer(token)?;
        match self.follow(account, request.clone()).await {
            Err(GitHubError::Unavailable { .. }) if call.repeatable => {
                tokio::time::sleep(PAUSE + jitter()).await;
                self.follow(account, request).await
            }
            result => result,
        }
    }

    /// A repository that was renamed answers with its new address, on the same GitHub, once.
    async fn follow(&self, account: Account, request: Request) -> Result<Response, GitHubError> {
        let response = self.once(account, request.clone()).await?;
        if !response.status.is_redirection() {
            return Ok(response);
        }
        let target = response
            .header(LOCATION.as_str())
            .and_then(|location| request.url().join(location).ok())
            .filter(|target| target.origin() == self.api.origin());
        match target {
            Some(target) => self.once(account, request.at(target)).await,
            None => Ok(response),
        }
    }

    async fn once(&self, account: Account, request: Request) -> Result<Response, GitHubError> {
        let response = self.http.send(request).await?;
        let now = self.clock.now();
        self.skew.note(&response, now);
        if let Some(until) = answer::exhausted_until(&response, now) {
            self.limits.note(account, until, now);
        }
        let sorted = answer::sort(response, now);
        if let Err(GitHubError::RateLimited { until }) = &sorted {
            self.limits.note(account, *until, now);
        }
        sorted
    }
}

/// Up to as long again, so that many clients which failed together do not return together.
fn jitter() -> Duration {
    let mut byte = [0_u8];
    // Without randomness the pause is merely less spread out.
    SystemRandom::new().fill(&mut byte).ok();
    PAUSE * u32::from(byte[0]) / 256
}
