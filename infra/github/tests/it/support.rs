//! What all tests need: a simulation, a clock, a client, a receiver of webhooks and git.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU16, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use jiff::Timestamp;
use reqwest::Method;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PKCS1_SHA256;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use switchyard_simgithub::{AppRegistration, Config, DEMONSTRATION_KEY_PEM, SimGitHub};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub(crate) const APP: u64 = 424_242;
pub(crate) const SECRET: &str = "webhook secret for tests";
pub(crate) const NOW: i64 = 1_790_000_000;
pub(crate) const REPO: &str = "octo/demo";

/// Long enough for any loaded machine; reached only when a test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A running simulation with one repository, and everything to talk to it.
pub(crate) struct World {
    pub(crate) sim: SimGitHub,
    pub(crate) client: reqwest::Client,
    pub(crate) time: Arc<AtomicI64>,
    pub(crate) directory: TempDir,
}

pub(crate) fn config(state: &Path, time: &Arc<AtomicI64>) -> Config {
    let time = Arc::clone(time);
    let clock = Arc::new(move || {
        Timestamp::from_second(time.load(Ordering::SeqCst)).expect("a time in range")
    });
    let app = AppRegistration::new(
        APP,
        "Iv1.test",
        "tester",
        DEMONSTRATION_KEY_PEM,
        SECRET.into(),
    );
    Config::new(
        "127.0.0.1:0".parse().expect("address"),
        state.to_owned(),
        clock,
        app,
    )
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests speak to the simulation directly"
)]
pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .user_agent("tests")
        .no_proxy()
        .build()
        .expect("client")
}

impl World {
    pub(crate) async fn start() -> Self {
        let directory = tempfile::tempdir().expect("directory");
        let time = Arc::new(AtomicI64::new(NOW));
        let sim = SimGitHub::start(config(directory.path(), &time))
            .await
            .expect("start");
        let files = [
            ("README.md", "# demo\n"),
            ("run.sh", "#!/bin/sh\necho hello\n"),
        ];
        sim.create_repository("octo", "demo", &files)
            .await
            .expect("repository");
        sim.create_user("ann").await.expect("user");
        Self {
            sim,
            client: client(),
            time,
            directory,
        }
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.time.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) async fn installation(&self) -> u64 {
        self.sim
            .installation_id(REPO)
            .await
            .expect("repository")
            .expect("installed")
    }

    pub(crate) fn jwt(&self) -> String {
        let now = self.time.load(Ordering::SeqCst);
        jwt(&json!({"iss": "Iv1.test", "iat": now - 60, "exp": now + 540}))
    }

    /// A token for the repository with these permissions.
    pub(crate) async fn token(&self, permissions: &[(&str, &str)]) -> String {
        let id = self.installation().await;
        let token = self
            .sim
            .mint_token(id, Some(&["demo"]), Some(permissions))
            .await;
        token.expect("token").expose_secret().to_owned()
    }

    /// A token for everything.
    pub(crate) async fn full_token(&self) -> String {
        let id = self.installation().await;
        self.sim
            .mint_token(id, None, None)
            .await
            .expect("token")
            .expose_secret()
            .to_owned()
    }

    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Value,
    ) -> Answer {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.sim.api_url()));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if !body.is_null() {
            request = request.json(&body);
        }
        Answer::of(request.send().await.expect("an answer")).await
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        self.call(Method::GET, path, token, Value::Null).await
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: Value) -> Answer {
        self.call(Method::POST, path, token, body).await
    }

    pub(crate) async fn page(&self, path: &str) -> (u16, HeaderMap, String) {
        let url = self.sim.base_url().join(path).expect("url");
        let response = self.client.get(url).send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        (status, headers, response.text().await.expect("text"))
    }
}

/// An answer of the API.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("text");
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self {
            status,
            headers,
            body,
        }
    }

    pub(crate) fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

/// A JWT with these claims, signed with the app's key.
pub(crate) fn jwt(claims: &Value) -> String {
    let body: String = DEMONSTRATION_KEY_PEM
        .lines()
        .filter(|line| !line.starts_with("--"))
        .collect();
    let key = KeyPair::from_der(&BASE64.decode(body.as_bytes()).expect("base64")).expect("key");
    let header = BASE64URL_NOPAD.encode(br#"{"alg":"RS256","typ":"JWT"}"#);
    let signed = format!(
        "{header}.{}",
        BASE64URL_NOPAD.encode(claims.to_string().as_bytes())
    );
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        signed.as_bytes(),
        &mut signature,
    )
    .expect("signature");
    format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature))
}

/// One webhook as it was received.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("json")
    }
}

/// A server that keeps every webhook and answers with a status of choice.
pub(crate) struct Receiver {
    pub(crate) url: url::Url,
    pub(crate) status: Arc<AtomicU16>,
    received: watch::Receiver<Vec<Received>>,
}

#[derive(Clone)]
struct Inbox(Arc<AtomicU16>, Arc<watch::Sender<Vec<Received>>>);

async fn receive(State(inbox): State<Inbox>, headers: HeaderMap, body: Bytes) -> StatusCode {
    inbox
        .1
        .send_modify(|all| all.push(Received { headers, body }));
    StatusCode::from_u16(inbox.0.load(Ordering::SeqCst)).expect("status")
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listen");
        let url = format!("http://{}/hook", listener.local_addr().expect("address"));
        let status = Arc::new(AtomicU16::new(202));
        let (sender, received) = watch::channel(Vec::new());
        let router = axum::Router::new()
            .route("/hook", axum::routing::post(receive))
            .with_state(Inbox(Arc::clone(&status), Arc::new(sender)));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            url: url.parse().expect("url"),
            status,
            received,
        }
    }

    /// Waits until `count` webhooks of this event have come, and gives them.
    pub(crate) async fn wait(&self, event: &str, count: usize) -> Vec<Received> {
        let mut received = self.received.clone();
        let of_event = |all: &[Received]| -> Vec<Received> {
            all.iter()
                .filter(|one| one.header("x-github-event") == event)
                .cloned()
                .collect()
        };
        let enough = received.wait_for(|all| of_event(all).len() >= count);
        let all = tokio::time::timeout(PATIENCE, enough)
            .await
            .expect("webhooks in time");
        of_event(&all.expect("the receiver runs"))
    }
}

/// Runs real git, with a token from a credential helper if there is one.
pub(crate) async fn git(
    directory: &Path,
    token: Option<&str>,
    arguments: &[&str],
) -> (bool, String) {
    let mut command = tokio::process::Command::new("git");
    command
        .current_dir(directory)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@localhost",
            "-c",
            "credential.helper=",
        ]);
    if let Some(token) = token {
        let helper = "!f() { echo username=x-access-token; echo \"password=$TEST_TOKEN\"; }; f";
        command
            .args(["-c", &format!("credential.helper={helper}")])
            .env("TEST_TOKEN", token);
    }
    let output = command.args(arguments).output().await.expect("git runs");
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}
