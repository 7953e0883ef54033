//! GitHub, as the app and its installations or with one given token.

mod address;
mod answer;
mod app;
mod bot;
mod comment;
mod deliveries;
mod error;
mod fresh;
mod git_token;
mod jwt;
mod key;
mod limits;
mod permission;
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
pub use deliveries::{Cursor, SentPage};
pub use error::GitHubError;
pub use git_token::{Access, MintedToken};
pub use key::KeyError;
pub use pull::{NewPull, PullError, Readiness};
pub use pull_head::PullHead;
pub use reaction::{Reaction, ReactionTarget};
pub use registration::{EVENTS, InstalledFor, Lack, PERMISSIONS, Registration, WebhookConfig};
pub use repository::RepositoryInfo;
pub use with_token::GitHubWithToken;
