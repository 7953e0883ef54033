//! What a stack is started with.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, sync::Arc};

use aws_local::Durability;
use domain::{SharedClock, SystemClock};
use secrecy::SecretString;
use tracing::Dispatch;
use url::Url;

/// What a stack is started with.
#[derive(Clone, Debug)]
pub struct StackConfig {
    /// The directory for all state.
    pub state: PathBuf,
    /// Whether the state of the AWS endpoints is kept on disk.
    pub durability: Durability,
    /// Where the functions' URLs listen: webhooks and the worker protocol.
    pub listen: SocketAddr,
    /// Where the public API listens.
    pub api: SocketAddr,
    /// Where the AWS endpoints listen.
    pub aws: SocketAddr,
    /// Which GitHub.
    pub github: GitHubAt,
    /// Where the functions run.
    pub functions: FunctionsAt,
    /// Whether the template's schedules tick.
    pub schedule: Schedule,
    /// The deployable template.
    pub template: String,
    /// Values for the template's parameters.
    pub parameters: BTreeMap<String, String>,
    /// Settings of the functions beside those of the template, such as shorter intervals.
    pub settings: BTreeMap<String, String>,
    /// What the simulated GitHub signs webhooks with; one that is made and kept, if there is none.
    pub webhook_secret: Option<SecretString>,
    /// The operator's own token for git, which takes the place of the app's; there must be exactly one allowed owner then.
    pub github_token: Option<SecretString>,
    /// What clients of the AWS endpoints have to know.
    pub access: AccessToken,
    /// Where the folder for jobs is made, outside of the state.
    pub temporary: PathBuf,
    /// The `PATH` of programs.
    pub path: String,
    /// The clock of the functions and the endpoints.
    pub clock: SharedClock,
    /// Where the functions in this process log to, if that is not the process's own log.
    pub log: Option<Dispatch>,
}

impl StackConfig {
    /// A stack as a developer wants it: on disk under `state`, on the usual ports, with a simulated GitHub
    /// and the functions in this process.
    pub fn new(state: PathBuf) -> Self {
        Self {
            state,
            durability: Durability::Disk,
            listen: SocketAddr::from(([127, 0, 0, 1], 8787)),
            api: SocketAddr::from(([127, 0, 0, 1], 8789)),
            aws: SocketAddr::from(([127, 0, 0, 1], 4566)),
            github: GitHubAt::Simulated(SocketAddr::from(([127, 0, 0, 1], 8788))),
            functions: FunctionsAt::Mounted,
            schedule: Schedule::Ticking,
            template: include_str!("../../../../template.yaml").to_owned(),
            parameters: BTreeMap::new(),
            settings: BTreeMap::new(),
            webhook_secret: None,
            github_token: None,
            access: AccessToken::Fresh,
            temporary: std::env::temp_dir(),
            path: "/usr/local/bin:/usr/bin:/bin".to_owned(),
            clock: Arc::new(SystemClock),
            log: None,
        }
    }
}

/// Which GitHub.
#[derive(Clone, Debug)]
pub enum GitHubAt {
    /// A simulated one, on this address.
    Simulated(SocketAddr),
    /// A real one, as this app.
    Real {
        /// The base of its REST API.
        api: Url,
        /// The base of clone URLs.
        git: Url,
        /// The app's id.
        app_id: String,
        /// The app's key.
        private_key: SecretString,
        /// What its webhooks are signed with.
        webhook_secret: SecretString,
    },
}

/// What clients of the AWS endpoints have to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessToken {
    /// A token that is made at each start and kept nowhere.
    Fresh,
    /// One that follows from the secrets in the state, for functions in a process that is started by itself.
    Kept,
}

/// Where the functions run.
#[derive(Clone, Debug)]
pub enum FunctionsAt {
    /// In this process.
    Mounted,
    /// Behind another process's invocation API.
    Remote(Url),
}

/// Whether the template's schedules tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// As the template says.
    Ticking,
    /// Only when asked to.
    ByHand,
}

/// Why a stack does not start, in words for the person who started it.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// The address is taken.
    #[error(
        "{address} cannot be listened on: {reason}. Stop what uses it, or choose another address with {option}."
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The option that chooses it.
        option: &'static str,
        /// What the system said.
        reason: String,
    },
    /// The state directory cannot be made or closed to others.
    #[error(
        "the state directory {path} cannot be used: {reason}. Choose another one with --state."
    )]
    State {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// There is no place for the folders of jobs.
    #[error(
        "no folder can be made in {path}: {reason}. Set TMPDIR to a folder that can be written to."
    )]
    Temporary {
        /// The folder for what is temporary.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
}
