//! A stack, its GitHub, and a person at the terminal.

use std::{
    future::IntoFuture as _,
    io::{self, Cursor, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use clap::Parser as _;
use domain::{Clock as _, SystemClock, SystemRandom};
use simgithub::{AppRegistration, Config, DEMONSTRATION_KEY_PEM, SimGitHub, sign_sha256};
use switchyard_operations::{Arguments, Cloud, Terminal, World, run};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::watch};

use crate::aws::{Aws, deployed};

/// Long enough for any loaded machine; reached only when a test fails.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// The secret with which the stand-in of `webhook` checks; functions read it at their start only.
pub(crate) type Known = Arc<Mutex<Vec<String>>>;

pub(crate) struct Scene {
    pub(crate) aws: Aws,
    pub(crate) github: SimGitHub,
    /// What `webhook` accepts.
    pub(crate) known: Known,
    cloud: Cloud,
    _state: TempDir,
}

impl Scene {
    /// A deployed stack without settings.
    pub(crate) async fn deployed() -> Self {
        let scene = Self::empty().await;
        let functions = functions(&scene.known).await;
        let (api, web) = (scene.github.api_url(), scene.github.base_url());
        let stack = deployed(&functions, api.as_str(), web.as_str());
        scene.aws.account().stack = Some(stack);
        scene
    }

    /// An account with nothing in it.
    pub(crate) async fn empty() -> Self {
        let state = tempfile::tempdir().unwrap();
        let clock = Arc::new(|| SystemClock.now());
        let key = DEMONSTRATION_KEY_PEM;
        let app = AppRegistration::new(77, "Iv1.setup", "switchyard-octo", key, "unused".into());
        let listen = "127.0.0.1:0".parse().unwrap();
        let config = Config::new(listen, state.path().to_owned(), clock, app);
        let aws = Aws::default();
        let cloud = Cloud::new(&aws.serve().await);
        Self {
            aws,
            github: SimGitHub::start(config).await.unwrap(),
            known: Known::default(),
            cloud,
            _state: state,
        }
    }

    /// Stores a setting as a person would.
    pub(crate) fn store(&self, name: &str, value: &str) {
        let path = format!("/switchyard/dev/{name}");
        self.aws.account().parameters.insert(path, value.to_owned());
    }

    pub(crate) fn stored(&self, name: &str) -> Option<String> {
        let path = format!("/switchyard/dev/{name}");
        self.aws.account().parameters.get(&path).cloned()
    }

    /// Stores the settings of an app that GitHub knows.
    pub(crate) fn store_app(&self, secret: &str) {
        self.store("GITHUB_APP_ID", "77");
        self.store("GITHUB_APP_PRIVATE_KEY", DEMONSTRATION_KEY_PEM);
        self.store("GITHUB_WEBHOOK_SECRET", secret);
        self.store("SWITCHYARD_TOKEN_KEY", "0123456789abcdef0123456789abcdef");
        self.store("SWITCHYARD_DAEMON_KEY", "123456789abcdef0123456789abcdef0");
        self.github.set_webhook_secret(secret.into());
        let url = self.aws.account().stack.as_ref().unwrap().outputs["WebhookUrl"].clone();
        self.github.set_webhook_url(Some(url.parse().unwrap()));
    }

    /// Lets `webhook` start anew, with the settings as they are now.
    pub(crate) fn start_functions(&self) {
        let names = ["GITHUB_WEBHOOK_SECRET", "GITHUB_WEBHOOK_SECRET_PREVIOUS"];
        *self.known.lock().unwrap() = names.iter().filter_map(|name| self.stored(name)).collect();
    }

    /// Runs a command to its end; gives what was printed, and the error if there was one.
    pub(crate) async fn run(&self, line: &[&str], typed: &str) -> (String, Option<String>) {
        let screen = Screen::default();
        let error = self.run_on(&screen, line, typed).await;
        (screen.text(), error)
    }

    pub(crate) async fn run_on(
        &self,
        screen: &Screen,
        line: &[&str],
        typed: &str,
    ) -> Option<String> {
        let arguments = ["switchyard-operations"].iter().chain(line);
        let arguments = Arguments::try_parse_from(arguments).unwrap();
        let (mut output, mut input) = (screen.clone(), Cursor::new(typed.to_owned()));
        let mut world = World {
            cloud: self.cloud.clone(),
            terminal: Terminal::new(&mut output, &mut input),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            pace: Duration::from_millis(1),
        };
        let done = run(arguments, &mut world).await;
        done.err().map(|error| format!("{error:#}"))
    }
}

/// What a person sees, while it is being written.
#[derive(Clone, Debug)]
pub(crate) struct Screen(watch::Sender<String>);

impl Default for Screen {
    fn default() -> Self {
        Self(watch::Sender::new(String::new()))
    }
}

impl Screen {
    pub(crate) fn text(&self) -> String {
        self.0.borrow().clone()
    }

    /// Waits for a line with a link to this machine, and gives the link.
    pub(crate) async fn link(&self) -> String {
        let link = |text: &String| -> Option<String> {
            let line = text
                .lines()
                .find(|line| line.trim().starts_with("http://127.0.0.1:"))?;
            Some(line.trim().to_owned())
        };
        let mut seen = self.0.subscribe();
        let found =
            tokio::time::timeout(PATIENCE, seen.wait_for(|text| link(text).is_some())).await;
        link(&found.unwrap().unwrap()).unwrap()
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = std::str::from_utf8(bytes).unwrap();
        self.0.send_modify(|all| all.push_str(text));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The functions of a stack: `webhook` accepts what is signed with a secret that it knows.
async fn functions(known: &Known) -> String {
    let router = Router::new()
        .route("/health", get(|| async { "{}" }))
        .route("/webhooks/github", post(webhook))
        .with_state(Arc::clone(known));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router).into_future());
    url
}

async fn webhook(State(known): State<Known>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let known = known.lock().unwrap();
    // A function whose settings are missing does not start.
    if known.is_empty() {
        return StatusCode::BAD_GATEWAY;
    }
    let signature = headers["x-hub-signature-256"].to_str().unwrap();
    let good = known
        .iter()
        .any(|secret| sign_sha256(secret.as_bytes(), &body) == signature);
    if good {
        StatusCode::OK
    } else {
        StatusCode::UNAUTHORIZED
    }
}
