//! What the simulation is started with.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use url::Url;

use crate::propagation::Propagation;
use crate::rates::ContentLimit;

/// Where the simulation reads the time; tests pass one that they can move.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The directories searched for `git` unless [`Config::program_path`] says otherwise.
const PROGRAM_PATH: &str =
    "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin:/run/current-system/sw/bin";

/// Requests an installation may make in one hour, as GitHub's smallest grant.
const HOURLY_LIMIT: u32 = 5_000;

/// Bytes that a file may have on GitHub: 100 MiB.
const FILE_LIMIT: u64 = 100 * 1024 * 1024;

/// How long GitHub waits for the answer to a webhook.
const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(10);

/// How to start a [`crate::SimGitHub`].
pub struct Config {
    /// Address to listen on; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Base of all links when it is not `http://` and the address listened on.
    pub public_url: Option<Url>,
    /// Directory of the SQLite file and the bare repositories; made if it does not exist.
    pub state: PathBuf,
    /// Time of day for tokens, limits and timestamps.
    pub clock: Clock,
    /// The one GitHub App that is registered and installed.
    pub app: AppRegistration,
    /// The `PATH` in which `git` and its helpers are looked for.
    pub program_path: OsString,
    /// How long the receiver of a webhook may take to answer.
    pub webhook_timeout: Duration,
    /// Requests each installation may make in one hour before it gets the primary rate limit.
    pub hourly_limit: u32,
    /// The secondary limit for requests that make or change something. None is kept unless one is
    /// set, since the clocks of tests stand still.
    pub content_limit: Option<ContentLimit>,
    /// Bytes above which a pushed file is refused; GitHub warns above half of it.
    pub file_limit: u64,
    /// How slowly fresh tokens and branches become known.
    pub propagation: Propagation,
}

impl Config {
    /// A configuration with the usual program path, timeout and hourly limit, whose changes become known at
    /// once.
    pub fn new(listen: SocketAddr, state: PathBuf, clock: Clock, app: AppRegistration) -> Self {
        Self {
            listen,
            public_url: None,
            state,
            clock,
            app,
            program_path: PROGRAM_PATH.into(),
            webhook_timeout: WEBHOOK_TIMEOUT,
            hourly_limit: HOURLY_LIMIT,
            content_limit: None,
            file_limit: FILE_LIMIT,
            propagation: Propagation::default(),
        }
    }
}

/// The body format of webhooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum HookContentType {
    /// `application/json`: the body is the payload.
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`: the payload is the field `payload`.
    Form,
}

/// The GitHub App as its owner registered it.
#[derive(Clone, Debug)]
pub struct AppRegistration {
    /// Numeric id of the app.
    pub id: u64,
    /// Client id, the other accepted issuer of its JWTs.
    pub client_id: String,
    /// Name in URLs; the bot's login is `<slug>[bot]`.
    pub slug: String,
    /// The app's RSA key in PEM form, private or public (PKCS#1, PKCS#8 or SPKI).
    /// Only the public half is used; a private one is handed out when a manifest is exchanged.
    pub key_pem: String,
    /// Where webhooks go. While there is none the webhook is not active: nothing is sent, then or
    /// later.
    pub webhook_url: Option<Url>,
    /// Secret that webhooks are signed with.
    pub webhook_secret: SecretString,
    /// Body format of webhooks.
    pub content_type: HookContentType,
    /// Permissions that every installation grants, name to `read` or `write`.
    pub permissions: BTreeMap<String, String>,
    /// Events the app is subscribed to; `installation` and `ping` are always sent.
    pub events: Vec<String>,
}

impl AppRegistration {
    /// A registration with the permissions and events that an agent platform asks for.
    pub fn new(id: u64, client_id: &str, slug: &str, key_pem: &str, secret: SecretString) -> Self {
        let grant = [
            ("metadata", "read"),
            ("contents", "write"),
            ("issues", "write"),
            ("pull_requests", "write"),
            ("checks", "write"),
        ];
        Self {
            id,
            client_id: client_id.to_owned(),
            slug: slug.to_owned(),
            key_pem: key_pem.to_owned(),
            webhook_url: None,
            webhook_secret: secret,
            content_type: HookContentType::Json,
            permissions: grant
                .map(|(name, level)| (name.to_owned(), level.to_owned()))
                .into(),
            events: ["issues", "issue_comment", "pull_request", "push"]
                .map(str::to_owned)
                .into(),
        }
    }
}
