//! What the endpoints are started with, and why they may not start.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use crate::clock::Clock;

/// Where the state of the endpoints lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// In files under [`Config::state`]. Every acknowledged write survives `kill -9`.
    ///
    /// The embedded DynamoDB reads the machine's clock in this mode, not [`Config::clock`]: only the
    /// seconds of its stream records and the expiry of items depend on it.
    Disk,
    /// In memory, but S3 objects, which live in a temporary directory. Gone when the endpoints stop.
    Memory,
}

/// What the endpoints are started with.
#[derive(Clone)]
pub struct Config {
    /// Where to listen. Port 0 takes any free port; [`crate::Endpoints::url`] tells which.
    pub listen: SocketAddr,
    /// The directory for all state. It is made when it does not exist, and not touched with
    /// [`Durability::Memory`].
    pub state: PathBuf,
    /// Where the time is read.
    pub clock: Clock,
    /// Whether state is kept.
    pub durability: Durability,
}

impl Config {
    /// Endpoints of a test: any free port, and nothing is kept.
    pub fn in_memory(clock: Clock) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            state: PathBuf::new(),
            clock,
            durability: Durability::Memory,
        }
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("listen", &self.listen)
            .field("state", &self.state)
            .field("durability", &self.durability)
            .finish_non_exhaustive()
    }
}

/// Why the endpoints did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on, as when another process has the port.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The state directory cannot be used.
    #[error("cannot use the state directory {path}: {source}")]
    State {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file that holds queues and checkpoints cannot be opened.
    #[error("cannot open the queues' file: {0}")]
    Queues(#[source] rusqlite::Error),
    /// The file that holds tables cannot be opened.
    #[error("cannot open the tables' file: {0}")]
    Tables(String),
    /// The directory that holds objects cannot be opened.
    #[error("cannot open the objects' directory: {0}")]
    Objects(String),
}
