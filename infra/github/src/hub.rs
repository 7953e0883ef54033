//! What all faces of the simulation share.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Transaction;
use secrecy::SecretString;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::actions::Act;
use crate::auth::key::AppKey;
use crate::config::{Clock, HookContentType};
use crate::error::Error;
use crate::faults::Faults;
use crate::git::Git;
use crate::manifests::Manifests;
use crate::propagation::Fresh;
use crate::rates::{Content, Rates};
use crate::requests::RequestLog;
use crate::site::Site;
use crate::state::db::Db;

/// Where webhooks go.
pub(crate) struct Hook {
    pub(crate) url: Mutex<Option<Url>>,
    pub(crate) secret: Mutex<SecretString>,
    pub(crate) content_type: Mutex<HookContentType>,
    pub(crate) client: reqwest::Client,
    /// How long the receiver may take to answer.
    pub(crate) timeout: Duration,
}

/// The shared state. Cloned as an `Arc` into every handler and task.
pub(crate) struct Hub {
    pub(crate) site: Arc<Site>,
    pub(crate) db: Db,
    pub(crate) git: Git,
    pub(crate) clock: Clock,
    pub(crate) key: AppKey,
    /// The key as the owner was given it, if a manifest may be exchanged for it.
    pub(crate) key_pem: SecretString,
    pub(crate) hook: Hook,
    pub(crate) manifests: Manifests,
    pub(crate) faults: Faults,
    pub(crate) requests: RequestLog,
    pub(crate) rates: Rates,
    pub(crate) content: Content,
    /// Seconds by which GitHub's clock is ahead of everybody else's.
    pub(crate) skew: AtomicI64,
    pub(crate) fresh: Fresh,
    pub(crate) changes: watch::Sender<u64>,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
    /// One lock per repository, held while its references are compared and recorded.
    pub(crate) ref_locks: Mutex<HashMap<u64, Arc<tokio::sync::Mutex<()>>>>,
}

impl Hub {
    /// Sends webhooks there from now on, or none any more.
    pub(crate) fn set_webhook_url(&self, url: Option<Url>) {
        self.site.active.store(url.is_some(), Ordering::SeqCst);
        *self.hook.url.lock().unwrap_or_else(PoisonError::into_inner) = url;
        self.changed();
    }

    /// Seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        (self.clock)().as_second() + self.skew.load(Ordering::SeqCst)
    }

    /// Runs `work` in one transaction that changes nothing.
    pub(crate) async fn read<T, W>(&self, work: W) -> Result<T, Error>
    where
        T: Send + 'static,
        W: FnOnce(&Act<'_>) -> Result<T, Error> + Send + 'static,
    {
        let (site, now) = (Arc::clone(&self.site), self.now());
        self.db
            .run(move |db: &Transaction<'_>| {
                work(&Act {
                    db,
                    now,
                    site: &site,
                })
            })
            .await
    }

    /// Runs `work` in one transaction and tells everyone who waits for a change.
    pub(crate) async fn write<T, W>(&self, work: W) -> Result<T, Error>
    where
        T: Send + 'static,
        W: FnOnce(&Act<'_>) -> Result<T, Error> + Send + 'static,
    {
        let result = self.read(work).await;
        self.changed();
        result
    }

    /// Wakes everyone who waits for a change.
    pub(crate) fn changed(&self) {
        self.changes
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    /// The lock of one repository's references.
    pub(crate) fn ref_lock(&self, repository_id: u64) -> Arc<tokio::sync::Mutex<()>> {
        let mut locks = self
            .ref_locks
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::clone(locks.entry(repository_id).or_default())
    }
}
