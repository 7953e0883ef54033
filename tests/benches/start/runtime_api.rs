//! The side of Lambda that a function talks to: hands out events and takes answers, and notes when.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc},
    task::JoinHandle,
};

/// How long anything may take before it counts as never.
const PATIENCE: Duration = Duration::from_secs(30);
/// Far enough: no function here works up to its deadline.
const DEADLINE: &str = "4102444800000";

/// The interface for one process.
pub(crate) struct RuntimeApi {
    address: String,
    events: mpsc::UnboundedSender<String>,
    asked: mpsc::UnboundedReceiver<Instant>,
    answers: mpsc::UnboundedReceiver<Answer>,
    server: JoinHandle<()>,
}

struct Answer {
    at: Instant,
    failed: bool,
    body: String,
}

struct Shared {
    events: Mutex<mpsc::UnboundedReceiver<String>>,
    asked: mpsc::UnboundedSender<Instant>,
    answers: mpsc::UnboundedSender<Answer>,
}

impl RuntimeApi {
    pub(crate) async fn start() -> Result<Self> {
        let (events, to_hand_out) = mpsc::unbounded_channel();
        let (asked_in, asked) = mpsc::unbounded_channel();
        let (answers_in, answers) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            events: Mutex::new(to_hand_out),
            asked: asked_in,
            answers: answers_in,
        });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/{what}", post(answer))
            .route("/2018-06-01/runtime/init/error", post(refusal))
            .with_state(shared);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.ok();
        });
        Ok(Self {
            address,
            events,
            asked,
            answers,
            server,
        })
    }

    /// Host and port, as a function finds them in its environment.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// When the process asks for its next event; an error if it says that it cannot start.
    pub(crate) async fn asked(&mut self) -> Result<Instant> {
        let asked = async {
            tokio::select! {
                asked = self.asked.recv() => asked.context("nobody listens"),
                answer = self.answers.recv() => {
                    anyhow::bail!("the function says: {}", answer.map(|one| one.body).unwrap_or_default())
                }
            }
        };
        tokio::time::timeout(PATIENCE, asked)
            .await
            .context("the function did not ask for an event in time")?
    }

    /// Hands out one event and waits for the answer and for the question after it.
    pub(crate) async fn invoke(&mut self, event: String) -> Result<(Duration, String)> {
        let start = Instant::now();
        self.events.send(event).context("nobody listens")?;
        let answer = tokio::time::timeout(PATIENCE, self.answers.recv())
            .await
            .context("the function did not answer in time")?
            .context("nobody listens")?;
        ensure!(!answer.failed, "the function failed: {}", answer.body);
        self.asked().await?;
        Ok((answer.at - start, answer.body))
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn next(State(shared): State<Arc<Shared>>) -> Response {
    shared.asked.send(Instant::now()).ok();
    let Some(event) = shared.events.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let headers = [
        ("content-type", "application/json"),
        (
            "lambda-runtime-aws-request-id",
            "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
        ),
        ("lambda-runtime-deadline-ms", DEADLINE),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:000000000000:function:bench",
        ),
        (
            "lambda-runtime-trace-id",
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
        ),
    ];
    (headers, event).into_response()
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    Path((_, what)): Path<(String, String)>,
    body: String,
) -> StatusCode {
    take(&shared, what != "response", body)
}

async fn refusal(State(shared): State<Arc<Shared>>, body: String) -> StatusCode {
    take(&shared, true, body)
}

fn take(shared: &Shared, failed: bool, body: String) -> StatusCode {
    let at = Instant::now();
    shared.answers.send(Answer { at, failed, body }).ok();
    StatusCode::ACCEPTED
}
