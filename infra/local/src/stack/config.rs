//! What a stack is started with.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, sync::Arc};

use domain::{SharedClock, SystemClock};
use endpoints::Durability;
use secrecy::SecretString;
use url::Url;

/// What a stack is started with.
#[derive(Clone, Debug)]
pub struct StackConfig {
    /// The directory for all state.
    pub state: PathBuf,
    /// Whether the state of the AWS endpoints is kept on disk.
    pub durability: Durability,
    /// Where the API and the webhooks listen.
    pub listen: SocketAddr,
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
    /// The `PATH` of programs.
    pub path: String,
    /// The clock of the functions and the endpoints.
    pub clock: SharedClock,
}

impl StackConfig {
    /// A stack as a developer wants it: on disk under `state`, on the usual ports, with a simulated GitHub
    /// and the functions in this process.
    pub fn new(state: PathBuf) -> Self {
        Self {
            state,
            durability: Durability::Disk,
            listen: SocketAddr::from(([127, 0, 0, 1], 8787)),
            aws: SocketAddr::from(([127, 0, 0, 1], 4566)),
            github: GitHubAt::Simulated(SocketAddr::from(([127, 0, 0, 1], 8788))),
            functions: FunctionsAt::Mounted,
            schedule: Schedule::Ticking,
            template: include_str!("../../../../template.yaml").to_owned(),
            parameters: BTreeMap::new(),
            settings: BTreeMap::new(),
            path: "/usr/local/bin:/usr/bin:/bin".to_owned(),
            clock: Arc::new(SystemClock),
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
        "{address} cannot be listened on: {source}. Stop what uses it, or choose another address with {option}."
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The option that chooses it.
        option: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
}
