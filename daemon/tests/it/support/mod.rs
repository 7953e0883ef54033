//! A scripted platform, a small provider, and a scene that puts a daemon between them.

mod cgi;
mod hub;
#[cfg(target_os = "linux")]
mod machine;
mod model;
mod platform;
mod scene;
mod sqs;
mod talk;
mod upstream;

pub(crate) use hub::Hub;
#[cfg(target_os = "linux")]
pub(crate) use machine::{
    NOBODY, PYTHON, can_try, furnish, give, is_root, machine, marked, not_tried, pid,
};
pub(crate) use model::{MODEL_KEY, model, open_ai_model};
pub(crate) use platform::{DAEMON_KEY, JOB_TOKEN, LEASE_TOKEN, Platform, PlatformState};
pub(crate) use scene::{ASKED, BRANCH, Scene, Setup, git, runs, wait};
pub(crate) use talk::comment;
pub(crate) use upstream::{Reply, Upstream};

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// State that a server and a test share.
#[derive(Debug, Default)]
pub(crate) struct Shared<T>(Arc<Mutex<T>>);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Shared<T> {
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves `router` on a free port and gives back the address.
pub(crate) async fn serve(router: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}
