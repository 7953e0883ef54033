//! The platform: the worker protocol as a script, and the queue in front of it.

use std::collections::VecDeque;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use contract::{
    Problem, ProblemKind, Slug,
    worker::{CancelReason, EventsRequest, FinishRequest, JobPayload, ReleaseRequest},
};
use domain::ProgressEvent;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::{Hub, Shared, serve, sqs};

/// The token in the message.
pub(crate) const JOB_TOKEN: &str = "job-token-7c1d2e";
/// What daemons prove themselves with.
pub(crate) const DAEMON_KEY: &str = "daemon-key-5f21c0-5f21c0-5f21c0-5f21c0";
/// The token in the lease.
pub(crate) const LEASE_TOKEN: &str = "lease-token-93ab5f";

/// What the script says and what has happened.
#[derive(Debug, Default)]
pub(crate) struct PlatformState {
    /// Messages to hand out.
    pub(crate) messages: VecDeque<String>,
    /// The job, once there is one.
    pub(crate) payload: Option<JobPayload>,
    /// How many seconds to wait between heartbeats.
    pub(crate) beat: u32,
    /// How long a lease holds; none means an hour.
    pub(crate) lease: Option<SignedDuration>,
    /// Answers, as status and slug, for the next calls of a call; then it works.
    pub(crate) failures: Vec<(&'static str, u16, Slug)>,
    /// Answers for all calls of a call.
    pub(crate) always: Vec<(&'static str, u16, Slug)>,
    /// The call whose answers are held back as long as this is set.
    pub(crate) holds_back: Option<&'static str>,
    /// What heartbeats ask for.
    pub(crate) cancel: Option<CancelReason>,
    /// Every call of the protocol by its call.
    pub(crate) calls: Vec<String>,
    /// The progress events in their order.
    pub(crate) events: Vec<ProgressEvent>,
    /// The end, if it was accepted.
    pub(crate) finished: Option<FinishRequest>,
    /// How the job was given back, if it was.
    pub(crate) released: Option<ReleaseRequest>,
    /// How many messages were deleted.
    pub(crate) deleted: usize,
    /// Every visibility that was asked for, in seconds.
    pub(crate) visibilities: Vec<u64>,
    /// The operator's token, if one takes the place of the app's.
    pub(crate) operators_token: Option<&'static str>,
    /// Tokens for git that were handed out.
    pub(crate) git_tokens: Vec<String>,
    /// What they were asked for, in the same order.
    pub(crate) git_accesses: Vec<String>,
}

/// The platform.
#[derive(Clone, Debug)]
pub(crate) struct Platform {
    state: Shared<PlatformState>,
    version: watch::Sender<u64>,
    hub: Hub,
    /// Its address; queue and protocol share it.
    pub(crate) address: String,
}

impl Platform {
    /// Starts it in front of `hub`.
    pub(crate) async fn start(hub: &Hub) -> Self {
        let mut platform = Self {
            state: Shared::default(),
            version: watch::Sender::new(0),
            hub: hub.clone(),
            address: String::new(),
        };
        let router = Router::new()
            .route("/worker/v1/jobs/{job}/{call}", post(call))
            .fallback(sqs::answer)
            .with_state(platform.clone());
        platform.address = serve(router).await;
        platform
    }

    /// Looks at the state.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&PlatformState) -> T) -> T {
        look(&self.state.lock())
    }

    /// Changes the state and wakes who waits for it.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut PlatformState) -> T) -> T {
        let out = change(&mut self.state.lock());
        self.version.send_modify(|version| *version += 1);
        out
    }

    /// Waits until `met`.
    pub(crate) async fn until(&self, met: impl Fn(&PlatformState) -> bool) {
        let mut versions = self.version.subscribe();
        while !self.look(&met) {
            versions.changed().await.unwrap();
        }
    }

    /// Waits for a message and takes it.
    pub(crate) async fn take(&self) -> String {
        let mut versions = self.version.subscribe();
        loop {
            if let Some(message) = self.state.lock().messages.pop_front() {
                return message;
            }
            versions.changed().await.unwrap();
        }
    }

    fn failure(&self, call: &str) -> Option<Response> {
        let mut state = self.state.lock();
        let next = state.failures.iter().position(|(of, _, _)| *of == call);
        let (_, status, slug) = match next {
            Some(index) => state.failures.remove(index),
            None => state.always.iter().find(|(of, _, _)| *of == call)?.clone(),
        };
        let kind = ProblemKind::of(slug.as_str()).unwrap();
        assert_eq!(kind.status(), status, "{slug}");
        let problem = Problem::new(kind, "Not now.");
        Some((StatusCode::from_u16(status).unwrap(), Json(problem)).into_response())
    }
}

async fn call(
    State(platform): State<Platform>,
    Path((_, call)): Path<(String, String)>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    let token = if call == "claim" {
        JOB_TOKEN
    } else {
        LEASE_TOKEN
    };
    assert_eq!(headers["authorization"], format!("Bearer {token}"));
    platform.change(|state| state.calls.push(call.clone()));
    if let Some(failure) = platform.failure(&call) {
        return failure;
    }
    let answer = platform.change(|state| match call.as_str() {
        "claim" => Json(claim(state)).into_response(),
        "heartbeat" => {
            Json(json!({"expires_at": expiry(state), "cancel": state.cancel})).into_response()
        }
        "events" => {
            let request: EventsRequest = serde_json::from_value(body).unwrap();
            let first = usize::try_from(request.first).unwrap();
            assert!(first <= state.events.len(), "progress was lost");
            state.events.truncate(first);
            state.events.extend(request.events);
            StatusCode::NO_CONTENT.into_response()
        }
        "git-token" => {
            let access = body["access"].as_str().unwrap_or_default();
            state.git_accesses.push(access.to_owned());
            Json(git_token(state, &platform.hub)).into_response()
        }
        "release" => {
            state.released = Some(serde_json::from_value(body).unwrap());
            StatusCode::NO_CONTENT.into_response()
        }
        "finish" => {
            state.finished = Some(serde_json::from_value(body).unwrap());
            StatusCode::NO_CONTENT.into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    });
    let held = |state: &PlatformState| state.holds_back == Some(call.as_str());
    platform.until(|state| !held(state)).await;
    answer
}

#[expect(
    clippy::disallowed_methods,
    reason = "the platform of a test has a clock of its own"
)]
fn expiry(state: &PlatformState) -> Timestamp {
    Timestamp::now() + state.lease.unwrap_or(SignedDuration::from_hours(1))
}

fn claim(state: &PlatformState) -> Value {
    json!({
        "lease": {
            "token": LEASE_TOKEN, "fence": 1, "expires_at": expiry(state),
            "heartbeat_seconds": state.beat, "events_millis": 0,
        },
        "payload": state.payload.as_ref().unwrap(),
    })
}

fn git_token(state: &mut PlatformState, hub: &Hub) -> Value {
    if let Some(token) = state.operators_token {
        hub.state.lock().tokens = vec![token.to_owned()];
        state.git_tokens.push(token.to_owned());
        return json!({"token": token, "expires_at": Timestamp::MAX, "source": "operator"});
    }
    let token = {
        // The port tells the tokens of tests that run at the same time apart.
        let port = hub.address.rsplit(':').next().unwrap();
        format!("git-token-{}-at-{port}", state.git_tokens.len())
    };
    state.git_tokens.push(token.clone());
    hub.state.lock().tokens.push(token.clone());
    json!({"token": token, "expires_at": Timestamp::MAX})
}
