//! What stands around the routes of a function that answers HTTP requests.

use axum::response::Response;
use domain::{RequestId, SharedClock, SharedRandom};
use http::HeaderValue;
use settings::{Program, SWITCHYARD_PUBLIC_URL, Settings, SettingsError};
use telemetry::Sampler;
use url::Url;

use crate::problem;

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
