//! A simulated GitHub that speaks HTTP: the REST API of a GitHub App, signed webhooks, git over
//! smart HTTP and plain pages a person can click.
//!
//! It is a stand-in for tests and for the demonstration on one machine. It shares no code with the
//! product, so that it cannot share its mistakes: tokens, scopes, signatures and error shapes are
//! checked here from the published behaviour alone. State lives in one SQLite file and in bare
//! repositories under one directory and survives `kill -9`.
//!
//! [`SimGitHub::start`] opens the state and serves; the methods of [`SimGitHub`] are the control
//! surface: what people do ([`SimGitHub::open_issue`], [`SimGitHub::comment`]), what can be looked
//! at ([`SimGitHub::pulls`], [`SimGitHub::deliveries`], [`SimGitHub::requests`]) and what can be
//! made to go wrong ([`SimGitHub::faults`]). [`SimGitHub::wait_for`] waits on a condition.
//!
//! How it is built: `state` holds one file of SQL per noun, `actions` what people and the app do
//! (each one transaction together with the webhook it causes), `shape` the JSON of every object,
//! `rest`, `git` and `pages` the three faces over HTTP, `webhooks` the sending.

mod actions;
mod auth;
mod config;
mod control;
mod error;
mod faults;
mod git;
mod hub;
mod manifests;
mod pages;
mod propagation;
mod rates;
mod requests;
mod rest;
mod server;
mod shape;
mod site;
mod state;
mod text;
mod webhooks;

/// A throwaway RSA key in PEM form for demonstrations and tests, so that none has to be made on the
/// spot. Everyone has it: it protects nothing.
pub const DEMONSTRATION_KEY_PEM: &str = include_str!("../demonstration.pem");

pub use actions::review::Opinion;
pub use config::{AppRegistration, Clock, Config, HookContentType};
pub use control::{MintedToken, WaitError};
pub use error::{Error, Problem, StartError};
pub use faults::{Fault, FaultRule, Faults};
pub use propagation::{Lag, NotYet, Propagation};
pub use rates::{ContentLimit, Wait};
pub use requests::RequestRecord;
pub use server::SimGitHub;
pub use state::accounts::{Account, AccountKind};
pub use state::comments::Comment;
pub use state::deliveries::Delivery;
pub use state::issues::{Issue, Merge, Pull, StateReason};
pub use state::permissions::Permission;
pub use state::reactions::Reaction;
pub use state::repositories::Setting;
pub use state::reviews::{Review, ReviewComment};
pub use webhooks::signature::{sign_sha1, sign_sha256};
