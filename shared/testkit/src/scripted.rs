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
use egress::{HttpClient, HttpSettings};
use tokio::net::TcpListener;
use url::Url;

/// A request as the server saw it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// How it was made.
    pub method: Method,
    /// Path and query.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: String,
}

impl Seen {
    /// Method and path.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The bearer token.
    pub fn bearer(&self) -> &str {
        let value = self.headers["authorization"].to_str().unwrap();
        value.strip_prefix("Bearer ").unwrap()
    }
}

/// One scripted answer: which request it is for, as `METHOD /path`, and what is answered.
#[derive(Clone, Debug)]
pub struct Answer {
    line: &'static str,
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// The answer to the request that `line` names.
pub fn answer(line: &'static str, status: u16, body: &str) -> Answer {
    Answer {
        line,
        status,
        headers: Vec::new(),
        body: body.to_owned(),
    }
}

impl Answer {
    /// The same with one more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
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
pub struct Server {
    /// Where it listens.
    pub url: Url,
    script: Arc<Script>,
}

impl Server {
    /// Starts it on a free port of this machine.
    pub async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let script = Arc::new(Script::default());
        script.answers.lock().unwrap().extend(answers);
        let router = Router::new()
            .fallback(handle)
            .with_state(Arc::clone(&script));
        let url = serve(router).await;
        Self { url, script }
    }

    /// Adds answers to the script.
    pub fn then(&self, answers: impl IntoIterator<Item = Answer>) {
        self.script.answers.lock().unwrap().extend(answers);
    }

    /// What it was asked so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.script.seen.lock().unwrap().clone()
    }

    /// Methods and paths of what it was asked so far.
    pub fn lines(&self) -> Vec<String> {
        self.seen().iter().map(Seen::line).collect()
    }

    /// Panics unless every answer was given.
    pub fn spent(&self) {
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

/// Serves `router` on a free port of this machine.
pub async fn serve(router: Router) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    tokio::spawn(axum::serve(listener, router).into_future());
    url
}

/// A client that may only reach `trusted` of what is not public.
pub fn http(trusted: &[&Url]) -> HttpClient {
    http_within(trusted, Duration::from_secs(10))
}

/// The same, which waits at most `timeout`.
pub fn http_within(trusted: &[&Url], timeout: Duration) -> HttpClient {
    let mut settings = HttpSettings::new(trusted.iter().map(|url| (*url).clone()).collect());
    settings.timeout = timeout;
    settings.body_limit = 100_000;
    HttpClient::new(&settings).unwrap()
}
