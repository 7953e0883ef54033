//! Starting, serving and stopping.

mod address;
mod connection;
mod host;
mod observe;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use url::Url;

use crate::auth::key::AppKey;
use crate::config::Config;
use crate::error::{Error, StartError};
use crate::faults::Faults;
use crate::git::{self, Git};
use crate::hub::{Hook, Hub};
use crate::manifests::Manifests;
use crate::propagation::Fresh;
use crate::rates::{Content, Rates};
use crate::requests::RequestLog;
use crate::site::{Registration, Site};
use crate::state::db::Db;
use crate::webhooks::{dispatch, send};
use crate::{pages, rest};

/// How long stopping waits for what is under way.
const PATIENCE: Duration = Duration::from_secs(5);

/// A running simulation. Dropping it stops it at once; [`SimGitHub::shutdown`] lets what is under
/// way come to its end first.
pub struct SimGitHub {
    pub(crate) hub: Arc<Hub>,
    base: Url,
    api: Url,
    _stop: DropGuard,
}

impl std::fmt::Debug for SimGitHub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SimGitHub")
            .field("base", &self.base.as_str())
            .finish_non_exhaustive()
    }
}

impl SimGitHub {
    /// Opens the state and serves until it is stopped. Must be called inside a Tokio runtime.
    ///
    /// Webhooks that were not answered before the last stop are sent again, and pushes that git
    /// had taken but that were not recorded are recorded.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let refused = |error| StartError::Listen(config.listen, error);
        let listener = TcpListener::bind(config.listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let base = match &config.public_url {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None => format!("http://{address}"),
        };
        let hub = Arc::new(prepare(config, base)?);
        let urls = (Url::parse(&hub.site.base), Url::parse(&hub.site.api()));
        let (Ok(base), Ok(api)) = urls else {
            return Err(Error::Corrupt("the public URL".to_owned()).into());
        };
        hub.write(|act| act.bot().map(drop)).await?;
        git::sync::catch_up(&hub).await?;
        hub.tasks
            .spawn(connection::accept(Arc::clone(&hub), listener, router(&hub)));
        hub.tasks.spawn(dispatch::run(Arc::clone(&hub)));
        let stop = hub.stop.clone().drop_guard();
        Ok(Self {
            hub,
            base,
            api,
            _stop: stop,
        })
    }

    /// Base of the pages and of git: `http://host:port/`.
    pub fn base_url(&self) -> &Url {
        &self.base
    }

    /// Base of the REST API, as of a GitHub Enterprise Server: `http://host:port/api/v3`.
    pub fn api_url(&self) -> &Url {
        &self.api
    }

    /// Base of clone URLs; the same as [`Self::base_url`].
    pub fn git_url(&self) -> &Url {
        &self.base
    }

    /// Stops, and waits up to five seconds for what is under way. Webhooks that are not answered
    /// by then stay pending.
    pub async fn shutdown(self) {
        self.hub.stop.cancel();
        self.hub.tasks.close();
        if tokio::time::timeout(PATIENCE, self.hub.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("the simulated GitHub stops with requests under way");
        }
    }
}

fn prepare(config: Config, base: String) -> Result<Hub, StartError> {
    std::fs::create_dir_all(&config.state).map_err(StartError::State)?;
    let db = Db::open(&config.state.join("github.sqlite"))?;
    let git = Git::prepare(&config.state, config.program_path, config.file_limit)
        .map_err(StartError::State)?;
    let app = config.app;
    let site = Site {
        base,
        app_id: app.id,
        client_id: app.client_id,
        registration: Mutex::new(Registration {
            name: app.slug.clone(),
            permissions: app.permissions,
            events: app.events,
            accepted: None,
        }),
        active: AtomicBool::new(app.webhook_url.is_some()),
        slug: app.slug,
    };
    let hook = Hook {
        url: Mutex::new(app.webhook_url),
        secret: Mutex::new(app.webhook_secret),
        content_type: Mutex::new(app.content_type),
        client: send::client()?,
        timeout: config.webhook_timeout,
    };
    Ok(Hub {
        site: Arc::new(site),
        db,
        git,
        clock: config.clock,
        key: AppKey::from_pem(&app.key_pem)?,
        key_pem: app.key_pem.into(),
        hook,
        manifests: Manifests::default(),
        faults: Faults::default(),
        requests: RequestLog::default(),
        rates: Rates::new(config.hourly_limit),
        content: Content::new(config.content_limit),
        skew: AtomicI64::new(0),
        fresh: Fresh::new(config.propagation),
        changes: watch::Sender::new(0),
        stop: CancellationToken::new(),
        tasks: TaskTracker::new(),
        ref_locks: Mutex::new(HashMap::new()),
    })
}

fn router(hub: &Arc<Hub>) -> Router {
    Router::new()
        .nest("/api/v3", rest::router(Arc::clone(hub)))
        .merge(git::http::router())
        .merge(git::lfs::router())
        .merge(pages::router())
        .layer(from_fn_with_state(Arc::clone(hub), observe::observe))
        .layer(from_fn_with_state(Arc::clone(hub), host::meant))
        .with_state(Arc::clone(hub))
}
