//! The address between an agent and a provider.

use std::{convert::Infallible, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{Request as Incoming, State},
    response::Response,
};
use bytes::Bytes;
use domain::{FailureKind, SeededRandom, SystemClock};
use egress::{HttpClient, HttpSettings, Request, Streaming};
use futures_util::stream;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use http_body_util::{BodyExt as _, Full};
use secrecy::SecretString;
use tokio::sync::{Mutex, mpsc};
use url::Url;

use super::*;

const KEY: &str = "sk-the-operators";

/// A provider that a test plays by hand: it sees each request, and gives the answer that is next.
struct Played {
    asked: mpsc::UnboundedReceiver<Incoming>,
    answers: mpsc::UnboundedSender<Response>,
    base: Url,
}

type Play = (
    mpsc::UnboundedSender<Incoming>,
    Mutex<mpsc::UnboundedReceiver<Response>>,
);

async fn serve(router: Router) -> Url {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}").parse().unwrap()
}

impl Played {
    async fn start() -> Self {
        let (ask, asked) = mpsc::unbounded_channel();
        let (answers, next) = mpsc::unbounded_channel();
        let router = Router::new()
            .fallback(async |State(play): State<Arc<Play>>, request: Incoming| {
                play.0.send(request).unwrap();
                play.1.lock().await.recv().await.unwrap()
            })
            .with_state(Arc::new((ask, Mutex::new(next))));
        let base = serve(router).await;
        Self {
            asked,
            answers,
            base,
        }
    }

    fn answer(&self, status: u16, headers: &[(&str, &str)], body: impl Into<Body>) {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        self.answers
            .send(response.body(body.into()).unwrap())
            .unwrap();
    }
}

struct Agent {
    http: HttpClient,
    origin: Url,
    token: String,
}

/// An address in front of `base`, and an agent that knows it.
fn address(base: &Url) -> (ModelAddress, Agent) {
    let http = |trusted: &Url| HttpClient::new(&HttpSettings::new(vec![trusted.clone()])).unwrap();
    let provider = Provider {
        wire: Wire::Anthropic,
        base: base.clone(),
        credential: Credential::Key(SecretString::from(KEY)),
        model: None,
    };
    let model = Model::new(provider, http(base), Arc::new(SystemClock));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = model.serve(listener, &SeededRandom::new(1)).unwrap();
    let given = |name: &str| {
        let variables = address.access().variables();
        let found = variables.into_iter().find(|(variable, _)| variable == name);
        found.unwrap().1.into_string().unwrap()
    };
    let origin: Url = given("ANTHROPIC_BASE_URL").parse().unwrap();
    let agent = Agent {
        http: http(&origin),
        token: given("ANTHROPIC_API_KEY"),
        origin,
    };
    (address, agent)
}

impl Agent {
    fn request(&self, path: &str) -> Request {
        let token = HeaderValue::from_str(&self.token).unwrap();
        Request::new(Method::POST, self.origin.join(path).unwrap())
            .header(HeaderName::from_static("x-api-key"), token)
    }

    async fn send(&self, request: Request) -> Streaming {
        let body = Full::new(Bytes::from_static(b"{\"messages\":[]}"));
        self.http.stream(request, body).await.unwrap()
    }

    async fn ask(&self, path: &str) -> Streaming {
        self.send(self.request(path)).await
    }
}

async fn text(mut response: Streaming) -> String {
    let mut text = Vec::new();
    while let Some(piece) = response.chunk().await.unwrap() {
        text.extend_from_slice(&piece);
    }
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn the_key_is_added_and_the_agents_token_stays_behind() {
    let mut provider = Played::start().await;
    let (_address, agent) = address(&provider.base);
    provider.answer(200, &[("x-anything", "1")], "{}");
    let request = agent
        .request("/v1/messages?beta=true")
        .header(
            HeaderName::from_static("anthropic-beta"),
            HeaderValue::from_static("a"),
        )
        .header(
            HeaderName::from_static("cookie"),
            HeaderValue::from_static("c"),
        );
    let response = agent.send(request).await;
    assert_eq!(
        (response.status.as_u16(), &response.headers["x-anything"]),
        (200, &HeaderValue::from_static("1"))
    );
    let asked = provider.asked.recv().await.unwrap();
    assert_eq!(asked.uri(), "/v1/messages?beta=true");
    assert_eq!(asked.headers()["x-api-key"], KEY);
    assert_eq!(asked.headers()["anthropic-beta"], "a");
    assert!(!asked.headers().contains_key("cookie"));
    assert!(!format!("{:?}", asked.headers()).contains(&agent.token));
    let body = asked.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "{\"messages\":[]}");
}

#[tokio::test]
async fn nothing_is_reached_without_the_token_nor_beside_the_model() {
    let mut provider = Played::start().await;
    let (_address, mut agent) = address(&provider.base);
    for path in [
        "/v1/files",
        "/v1/organizations/me",
        "/v1/messages/batches",
        "/",
    ] {
        assert_eq!(
            agent.ask(path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    agent.token = KEY.to_owned();
    let refused = agent.ask("/v1/messages").await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(provider.asked.try_recv().is_err());
}

#[tokio::test]
async fn events_pass_as_they_come() {
    let provider = Played::start().await;
    let (address, agent) = address(&provider.base);
    let (events, next) = mpsc::unbounded_channel::<&'static str>();
    let body = stream::unfold(next, |mut next| async move {
        let event = next.recv().await?;
        Some((
            Ok::<_, Infallible>(Bytes::from_static(event.as_bytes())),
            next,
        ))
    });
    provider.answer(
        200,
        &[("content-type", "text/event-stream")],
        Body::from_stream(body),
    );
    let mut response = agent.ask("/v1/messages").await;
    for event in [
        "data: {\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"usage\":{\"input_tokens\":3}}}\n\n",
        "data: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":5}}\n\n",
        "data: {\"type\":\"message_stop\"}\n\n",
    ] {
        // The next is not even written before the one before has arrived.
        events.send(event).unwrap();
        assert_eq!(response.chunk().await.unwrap().unwrap(), event);
        assert!(address.seen().quiet().1);
    }
    drop(events);
    assert_eq!(response.chunk().await.unwrap(), None);
    let seen = address.seen();
    let usage = seen.usage().unwrap();
    assert_eq!(
        (usage.calls, usage.input_tokens, usage.output_tokens),
        (1, 3, 5)
    );
    assert_eq!(seen.model().as_deref(), Some("m"));
    assert!(matches!(seen.last(), Last::Answered));
    assert!(!seen.quiet().1);
}

#[tokio::test]
async fn requests_pass_as_they_come() {
    let mut provider = Played::start().await;
    let (_address, agent) = address(&provider.base);
    let (pieces, next) = mpsc::unbounded_channel::<&'static str>();
    let body = Body::from_stream(stream::unfold(next, |mut next| async move {
        let piece = next.recv().await?;
        Some((
            Ok::<_, Infallible>(Bytes::from_static(piece.as_bytes())),
            next,
        ))
    }));
    let request = agent.request("/v1/messages");
    let http = agent.http.clone();
    let sending = tokio::spawn(async move { http.stream(request, body).await.unwrap().status });
    let mut asked = provider.asked.recv().await.unwrap().into_body();
    for piece in ["{\"messages\":", "[]}"] {
        pieces.send(piece).unwrap();
        let frame = asked.frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), piece);
    }
    drop(pieces);
    provider.answer(200, &[], "{}");
    assert_eq!(sending.await.unwrap(), StatusCode::OK);
}

#[tokio::test]
async fn errors_pass_with_their_headers_but_never_the_key() {
    let provider = Played::start().await;
    let (address, agent) = address(&provider.base);
    let body = format!(r#"{{"error":{{"type":"rate_limit_error","message":"for {KEY}"}}}}"#);
    provider.answer(429, &[("retry-after", "7200"), ("set-cookie", "a=b")], body);
    let response = agent.ask("/v1/messages").await;
    assert_eq!(
        (response.status.as_u16(), &response.headers["retry-after"]),
        (429, &HeaderValue::from_static("7200"))
    );
    assert!(!response.headers.contains_key("set-cookie"));
    let text = text(response).await;
    assert!(text.contains("for [key]") && !text.contains(KEY));
    address.seen().hopeless().await;
    let Last::Failed(verdict) = address.seen().last() else {
        panic!("{:?}", address.seen().last());
    };
    assert_eq!(verdict.failure().kind(), FailureKind::ModelLimited);
    assert!(verdict.failure().retries_at().is_some());
}

#[tokio::test]
async fn redirects_are_not_followed_and_lead_nowhere() {
    let mut provider = Played::start().await;
    let (_address, agent) = address(&provider.base);
    provider.answer(307, &[("location", "/v1/files")], "");
    let response = agent.ask("/v1/messages").await;
    assert_eq!(response.status, StatusCode::TEMPORARY_REDIRECT);
    assert!(!response.headers.contains_key("location"));
    provider.asked.recv().await.unwrap();
    assert!(provider.asked.try_recv().is_err());
}

#[tokio::test]
async fn a_provider_that_is_not_there_or_breaks_off_is_unavailable() {
    let nowhere: Url = "http://127.0.0.1:1".parse().unwrap();
    let (unreached, agent) = address(&nowhere);
    assert_eq!(
        agent.ask("/v1/messages").await.status,
        StatusCode::BAD_GATEWAY
    );
    let provider = Played::start().await;
    let (cut, agent) = address(&provider.base);
    let begun =
        "data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":3}}}\n\n";
    provider.answer(200, &[("content-type", "text/event-stream")], begun);
    text(agent.ask("/v1/messages").await).await;
    for address in [unreached, cut] {
        let Last::Failed(verdict) = address.seen().last() else {
            panic!("{:?}", address.seen().last());
        };
        assert_eq!(verdict.failure().kind(), FailureKind::ModelUnavailable);
        assert!(!verdict.is_final());
    }
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let mut provider = Played::start().await;
    let (_address, agent) = address(&provider.base);
    let body = Full::new(Bytes::from(vec![b' '; 32 * 1024 * 1024 + 1]));
    let sent = agent.http.stream(agent.request("/v1/messages"), body).await;
    // The connection may be closed before all of it is written.
    assert!(sent.is_err() || sent.is_ok_and(|sent| sent.status == StatusCode::PAYLOAD_TOO_LARGE));
    assert!(provider.asked.try_recv().is_err());
}

#[tokio::test]
async fn nothing_is_answered_after_the_job() {
    let mut provider = Played::start().await;
    let (address, agent) = address(&provider.base);
    let endless = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
    provider.answer(200, &[("content-type", "text/event-stream")], endless);
    let mut open = agent.ask("/v1/messages").await;
    provider.asked.recv().await.unwrap();
    let seen = address.seen().clone();
    drop(address);
    assert!(!matches!(open.chunk().await, Ok(Some(_))));
    let body = Full::new(Bytes::new());
    let later = agent.http.stream(agent.request("/v1/messages"), body).await;
    assert!(later.is_err() || later.is_ok_and(|later| later.status == StatusCode::UNAUTHORIZED));
    assert!(provider.asked.try_recv().is_err());
    assert!(!seen.quiet().1);
}

#[tokio::test(start_paused = true)]
async fn connections_end_that_ask_nothing_or_never_end_their_question() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let played = Played::start().await;
    let (address, agent) = address(&played.base);
    for begun in ["", "POST /v1/messages HTTP/1.1\r\n"] {
        let at = agent.origin.socket_addrs(|| None).unwrap();
        let mut connection = tokio::net::TcpStream::connect(at[0]).await.unwrap();
        connection.write_all(begun.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _broken = connection.read_to_end(&mut answer).await;
        assert!(!String::from_utf8_lossy(&answer).contains("200 OK"));
    }
    drop(address);
}
