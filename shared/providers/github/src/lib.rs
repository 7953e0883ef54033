//! GitHub's REST API on the guarded client: [`GitHub`] acts as the app and its installations, [`GitHubWithToken`] with one
//! token that somebody else minted. The clients translate and guard; what an answer means for a run is decided elsewhere.

mod address;
mod answer;
mod app;
mod bot;
mod comment;
mod connect;
mod conversation;
mod deliveries;
mod diff;
mod error;
mod fresh;
mod git_token;
mod installations;
mod item;
mod jwt;
mod key;
mod limits;
mod links;
mod pages;
mod permission;
mod ports;
mod pull;
mod pull_head;
mod reaction;
mod registration;
mod repository;
mod scope;
mod skew;
mod tokens;
mod transport;
mod with_token;

pub use address::{commit_host, git_address};
pub use app::{GitHub, GitHubSettings};
pub use comment::COMMENT_LIMIT;
pub use connect::ConnectError;
pub use diff::PullNow;
pub use error::GitHubError;
pub use installations::{Installations, Obstacle};
pub use key::KeyError;
pub use pull::{NewPull, PullError, Readiness};
pub use reaction::Reaction;
pub use registration::{EVENTS, Lack, PERMISSIONS, Registration, WebhookConfig};
pub use repository::RepositoryInfo;
pub use with_token::GitHubWithToken;
