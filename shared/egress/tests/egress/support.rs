//! Servers that answer from a script, and clients of them.

use std::{
    collections::VecDeque,
    future::IntoFuture as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, Response, Uri},
};
use domain::{Clock as _, InstallationId, ManualClock, Repository, RepositoryId, SharedClock};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use switchyard_egress::{GitHub, GitHubSettings, HttpClient, HttpSettings};
use tokio::net::TcpListener;
use url::Url;

pub(crate) const KEY: &str = include_str!("../keys/pkcs1.pem");
pub(crate) const MINT: &str = "POST /app/installations/7/access_tokens";
pub(crate) const LOOK: &str = "GET /repos/octo-demo/widgets";
pub(crate) const INFO: &str = r#"{"id":42,"default_branch":"main"}"#;
pub(crate) const INSTALLATION: InstallationId = InstallationId(7);

/// A request as the server saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub(crate) fn bearer(&self) -> &str {
        let value = self.headers["authorization"].to_str().unwrap();
        value.strip_prefix("Bearer ").unwrap()
    }
}

/// One scripted answer: which request it is for, as `METHOD /path`, and what is answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    line: &'static str,
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

pub(crate) fn answer(line: &'static str, status: u16, body: &str) -> Answer {
    Answer {
        line,
        status,
        headers: Vec::new(),
        body: body.to_owned(),
    }
}

impl Answer {
    pub(crate) fn header(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }
}

#[derive(Default)]
struct Script {
    answers: Mutex<VecDeque<Answer>>,
    seen: Mutex<Vec<Seen>>,
}

/// A server that gives each answer once, in order, to the request it is meant for.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) url: Url,
    script: Arc<Script>,
}

impl Server {
    pub(crate) async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let script = Arc::new(Script::default());
        script.answers.lock().unwrap().extend(answers);
        let router = Router::new()
            .fallback(handle)
            .with_state(Arc::clone(&script));
        let url = serve(router).await;
        Self { url, script }
    }

    pub(crate) fn then(&self, answers: impl IntoIterator<Item = Answer>) {
        self.script.answers.lock().unwrap().extend(answers);
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.script.seen.lock().unwrap().clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.seen().iter().map(Seen::line).collect()
    }

    /// Panics unless every answer was given.
    pub(crate) fn spent(&self) {
        let left = self.script.answers.lock().unwrap();
        assert!(left.is_empty(), "never asked for: {left:?}");
    }
}

async fn handle(
    State(script): State<Arc<Script>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let path = uri.path_and_query().unwrap().to_string();
    let body = String::from_utf8(body.to_vec()).unwrap();
    let seen = Seen {
        method,
        path,
        headers,
        body,
    };
    let line = seen.line();
    script.seen.lock().unwrap().push(seen);
    let mut answers = script.answers.lock().unwrap();
    let found = answers.iter().position(|answer| answer.line == line);
    let Some(answer) = found.and_then(|place| answers.remove(place)) else {
        return Response::builder()
            .status(599)
            .body(Body::from(format!("no answer for {line}")))
            .unwrap();
    };
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.body)).unwrap()
}

pub(crate) async fn serve(router: Router) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    tokio::spawn(axum::serve(listener, router).into_future());
    url
}

pub(crate) fn http(trusted: &[&Url]) -> HttpClient {
    http_within(trusted, Duration::from_secs(10))
}

pub(crate) fn http_within(trusted: &[&Url], timeout: Duration) -> HttpClient {
    let mut settings = HttpSettings::new(trusted.iter().map(|url| (*url).clone()).collect());
    settings.timeout = timeout;
    settings.body_limit = 100_000;
    HttpClient::new(&settings).unwrap()
}

pub(crate) fn github(api: &Url, clock: Arc<ManualClock>) -> GitHub {
    let settings = GitHubSettings {
        api: api.clone(),
        app_id: "12345".to_owned(),
        private_key: SecretString::from(KEY),
    };
    GitHub::new(http(&[api]), settings, clock as SharedClock).unwrap()
}

pub(crate) fn widgets(id: u64) -> Repository {
    Repository {
        id: RepositoryId(id),
        owner: "octo-demo".parse().unwrap(),
        name: "widgets".parse().unwrap(),
    }
}

pub(crate) fn minted(token: &str, expires_at: Timestamp) -> Answer {
    let body = format!(r#"{{"token":"{token}","expires_at":"{expires_at}","permissions":{{}}}}"#);
    answer(MINT, 201, &body)
}

pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::default())
}

pub(crate) fn hour(clock: &ManualClock) -> Timestamp {
    clock.now() + SignedDuration::from_hours(1)
}
