//! What the model's address adds to a call, beside the same call made directly.
//!
//! Provider, address and agent run in this one process, so that one clock times them all: there is no network in it,
//! only what the address itself costs. Direct and indirect calls take turns, so that whatever the machine is busy with
//! meets both.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench may fall over, as a test may, and says what it measured"
)]

use std::{
    convert::Infallible,
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};

use axum::{Router, body::Body, response::IntoResponse, routing::post};
use bytes::Bytes;
use domain::{SystemClock, SystemRandom};
use egress::{HttpClient, HttpSettings, Request};
use futures_util::stream;
use http::{HeaderName, HeaderValue, Method};
use http_body_util::Full;
use secrecy::SecretString;
use switchyard_daemon::{Credential, Model, Provider, Wire};
use url::Url;

/// How many calls are timed each way, after as many that are not.
const CALLS: usize = 400;
/// How many events an answer has, and how far they are apart.
const EVENTS: u32 = 20;
const APART: Duration = Duration::from_millis(1);
/// As long as the request of a first turn.
const REQUEST: usize = 50 * 1024;

static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// One way to the provider.
struct Way {
    http: HttpClient,
    url: Url,
    token: String,
}

/// What one way took.
#[derive(Default)]
struct Times {
    first: Vec<Duration>,
    event: Vec<Duration>,
}

#[tokio::main]
async fn main() {
    let base = provider().await;
    let model = Model::new(
        Provider {
            wire: Wire::Anthropic,
            base: base.clone(),
            credential: Credential::Key(SecretString::from("key")),
            model: None,
        },
        http(&base),
        Arc::new(SystemClock),
    );
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = model.serve(listener, &SystemRandom).unwrap();
    let given = |name: &str| {
        let variables = address.access().variables();
        let found = variables.into_iter().find(|(variable, _)| variable == name);
        found.unwrap().1.into_string().unwrap()
    };
    let origin: Url = given("ANTHROPIC_BASE_URL").parse().unwrap();
    let ways = [
        Way {
            http: http(&base),
            url: base.join("/v1/messages").unwrap(),
            token: "key".to_owned(),
        },
        Way {
            http: http(&origin),
            url: origin.join("/v1/messages").unwrap(),
            token: given("ANTHROPIC_API_KEY"),
        },
    ];
    let mut times = [Times::default(), Times::default()];
    for round in 0..2 * CALLS {
        for (way, times) in ways.iter().zip(&mut times) {
            let taken = call(way).await;
            if round >= CALLS {
                times.first.extend(taken.first);
                times.event.extend(taken.event);
            }
        }
    }
    let [direct, through] = times;
    println!("| milliseconds | p50 | p99 |\n| --- | ---: | ---: |");
    row("to the first byte, directly", direct.first);
    row("to the first byte, by the address", through.first);
    row("for an event, directly", direct.event);
    row("for an event, by the address", through.event);
}

fn http(trusted: &Url) -> HttpClient {
    HttpClient::new(&HttpSettings::new(vec![trusted.clone()])).unwrap()
}

/// A provider that answers at once with events that say when they were sent.
async fn provider() -> Url {
    let router = Router::new().route("/v1/messages", post(async |request: Bytes| {
        assert_eq!(request.len(), REQUEST);
        let events = stream::unfold(0, |number| async move {
            if number == EVENTS {
                return None;
            }
            tokio::time::sleep(APART).await;
            let sent = BEGIN.elapsed().as_nanos();
            let event = format!(
                "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"delta\":{{\"type\":\"text_delta\",\"text\":\"{sent}\"}}}}\n\n"
            );
            Some((Ok::<_, Infallible>(event), number + 1))
        });
        ([("content-type", "text/event-stream")], Body::from_stream(events)).into_response()
    }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}").parse().unwrap()
}

async fn call(way: &Way) -> Times {
    let mut times = Times::default();
    let key = HeaderValue::from_str(&way.token).unwrap();
    let request = Request::new(Method::POST, way.url.clone())
        .header(HeaderName::from_static("x-api-key"), key);
    let begun = Instant::now();
    let body = Full::new(Bytes::from(vec![b' '; REQUEST]));
    let mut response = way.http.stream(request, body).await.unwrap();
    times.first.push(begun.elapsed());
    while let Some(piece) = response.chunk().await.unwrap() {
        let now = BEGIN.elapsed();
        let text = String::from_utf8(piece.to_vec()).unwrap();
        // Events that arrive together arrived when the last of them did.
        for sent in text.split("\"text\":\"").skip(1) {
            let (nanos, _) = sent.split_once('"').unwrap();
            let sent = Duration::from_nanos(nanos.parse().unwrap());
            times.event.push(now.saturating_sub(sent));
        }
    }
    times
}

fn row(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
    println!("| {what} | {:.3} | {:.3} |", at(50), at(99));
}
