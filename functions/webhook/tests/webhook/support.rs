//! The function with its queue and bucket, and requests signed as GitHub signs them.

use std::{sync::Arc, time::Duration};

use aws_local::{Config, Endpoints};
use aws_sdk_s3::config::retry::RetryConfig;
use axum::{Router, body::Body};
use blobs::Blobs;
use contract::{DeliveryBody, DeliveryMessage, Problem};
use data_encoding::HEXLOWER;
use domain::{ManualClock, SeededRandom};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use kit::{Boundary, REQUEST_ID};
use queues::Queue;
use secrecy::SecretString;
use sha2::Sha256;
use switchyard_webhook::{Webhook, router};
use tower::ServiceExt as _;

pub(crate) const SECRET: &str = "It's a Secret to Everybody";
pub(crate) const DELIVERY: &str = "72d3162e-cc78-11e3-81ab-4c9367dc0958";
pub(crate) const BODY_LIMIT: usize = 10_000_000;

pub(crate) struct World {
    pub(crate) endpoints: Endpoints,
    pub(crate) router: Router,
    pub(crate) queue: Queue<DeliveryMessage>,
    pub(crate) bodies: Blobs,
}

pub(crate) async fn world() -> World {
    let config = Config::in_memory(Arc::new(|| Timestamp::from_second(1_800_000_000).unwrap()));
    let endpoints = Endpoints::start(config).await.unwrap();
    let sdk = aws_local::sdk_config(endpoints.url());
    let sqs = aws_sdk_sqs::config::Builder::from(&sdk).retry_config(RetryConfig::disabled());
    let sqs = aws_sdk_sqs::Client::from_conf(sqs.build());
    let made = sqs
        .create_queue()
        .queue_name("deliveries")
        .send()
        .await
        .unwrap();
    let s3 = aws_sdk_s3::config::Builder::from(&sdk).retry_config(RetryConfig::disabled());
    let s3 = aws_sdk_s3::Client::from_conf(s3.force_path_style(true).build());
    s3.create_bucket().bucket("bodies").send().await.unwrap();
    let queue = Queue::new(sqs, made.queue_url.unwrap());
    let bodies = Blobs::new(s3, "bodies");
    let (clock, random) = (
        Arc::new(ManualClock::default()),
        Arc::new(SeededRandom::new(1)),
    );
    let boundary = Boundary::new(clock.clone(), random.clone());
    let webhook = Webhook {
        secrets: [SECRET, "the one before"].map(SecretString::from).to_vec(),
        deliveries: queue.clone(),
        bodies: bodies.clone(),
        clock,
        random,
    };
    endpoints.forget_calls();
    World {
        endpoints,
        router: router(webhook, boundary),
        queue,
        bodies,
    }
}

impl World {
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        Answer::read(self.router.clone().oneshot(request).await.unwrap()).await
    }

    /// The messages in the queue.
    pub(crate) async fn queued(&self) -> Vec<DeliveryMessage> {
        let received = self.queue.receive(Duration::ZERO, 10).await.unwrap();
        received
            .into_iter()
            .map(|one| one.message.unwrap())
            .collect()
    }

    /// The one message in the queue, with its document.
    pub(crate) async fn only(&self) -> (DeliveryMessage, Vec<u8>) {
        let mut all = self.queued().await;
        assert_eq!(all.len(), 1);
        let message = all.remove(0);
        let document = match &message.body {
            DeliveryBody::Inline { data } => data.unpack(BODY_LIMIT).unwrap(),
            DeliveryBody::Stored { key } => {
                self.bodies.get(key, BODY_LIMIT).await.unwrap().unwrap()
            }
        };
        (message, document)
    }

    /// Panics if the function called anything.
    pub(crate) fn untouched(&self) {
        assert!(
            self.endpoints.calls().is_empty(),
            "{:?}",
            self.endpoints.calls()
        );
    }
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(bytes.to_vec()).unwrap();
        Self {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    pub(crate) fn problem(&self) -> Problem {
        assert_eq!(self.headers["content-type"], "application/problem+json");
        let problem: Problem = serde_json::from_str(&self.body).unwrap();
        let id = problem.request_id.as_ref().unwrap().as_str();
        assert_eq!(self.headers[REQUEST_ID], id);
        assert_eq!(problem.status, self.status.as_u16());
        problem
    }

    /// What would be the same for another request of the same kind.
    pub(crate) fn without_request(&self) -> (StatusCode, Problem, HeaderMap) {
        let (mut problem, mut headers) = (self.problem(), self.headers.clone());
        problem.request_id = None;
        headers.remove(REQUEST_ID);
        (self.status, problem, headers)
    }
}

pub(crate) fn sign(secret: &str, body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .unwrap()
        .chain_update(body);
    format!("sha256={}", HEXLOWER.encode(&mac.finalize().into_bytes()))
}

/// A delivery as GitHub sends it.
pub(crate) fn delivery(event: &str, body: impl Into<Vec<u8>>) -> Request<Body> {
    let body = body.into();
    let signature = sign(SECRET, &body);
    Request::post("/webhooks/github")
        .header("content-type", "application/json")
        .header("x-github-delivery", DELIVERY)
        .header("x-github-event", event)
        .header("x-hub-signature-256", signature)
        .body(Body::from(body))
        .unwrap()
}

/// The same with a header set, or taken away.
pub(crate) fn with(
    mut request: Request<Body>,
    name: &'static str,
    value: Option<&str>,
) -> Request<Body> {
    request.headers_mut().remove(name);
    if let Some(value) = value {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    request
}
