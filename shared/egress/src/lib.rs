//! Outbound: the one guarded HTTP client, and on it the GitHub client and the worker protocol's client.
//!
//! Nothing else in the tree opens an HTTP connection to a provider. [`HttpClient`] decides where a
//! request may go; [`GitHub`] acts as the app and its installations, [`GitHubWithToken`] acts with one
//! token that somebody else minted, and [`WorkerClient`] is the daemon's side of the worker protocol.
//! The clients translate and guard; what an answer means for a run is decided elsewhere.

mod github;
mod guarded;
pub mod tls;
mod worker;

pub use github::{
    Access, COMMENT_LIMIT, Cursor, EVENTS, GitHub, GitHubError, GitHubSettings, GitHubWithToken,
    InstalledFor, KeyError, Lack, MintedToken, NewPull, PERMISSIONS, PullError, PullHead, PullNow,
    Reaction, ReactionTarget, Readiness, Registration, RepositoryInfo, SentPage, WebhookConfig,
    commit_host, git_address,
};
pub use guarded::{
    HttpClient, HttpError, HttpSettings, Refused, Request, Response, SetupError, Streaming,
    is_public,
};
pub use worker::{WorkerClient, WorkerError};
