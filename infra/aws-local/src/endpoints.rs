//! Starting, stopping, and what a test or a runner may ask.

use std::future::IntoFuture as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use axum::Router;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::calls::Calls;
use crate::db::Db;
use crate::server::{App, handle};
use crate::{
    Access, Call, Config, Durability, Faults, Meter, StartError, StreamReader, dynamo, s3, sqs,
};

/// How long a stop waits for requests under way.
const PATIENCE: Duration = Duration::from_secs(5);

/// The running endpoints. They stop when this is dropped; [`Endpoints::shutdown`] also waits.
pub struct Endpoints {
    url: String,
    app: Arc<App>,
    db: Db,
    server: JoinHandle<()>,
    stop: DropGuard,
}

impl std::fmt::Debug for Endpoints {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoints")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Endpoints {
    /// Opens the state and listens, for everybody.
    ///
    /// # Errors
    /// When the address is taken or the state cannot be opened.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        Self::start_for(config, Access::Anybody).await
    }

    /// The same, for whom `access` lets in.
    ///
    /// # Errors
    /// When the address is taken or the state cannot be opened.
    pub async fn start_for(config: Config, access: Access) -> Result<Self, StartError> {
        let address = config.listen;
        let listen = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let url = url_of(listener.local_addr().map_err(listen)?);
        let stop = CancellationToken::new();

        let on_disk = config.durability == Durability::Disk;
        if on_disk {
            make_directory(&config.state)?;
        }
        let file = |name: &str| on_disk.then(|| config.state.join(name));
        let db = Db::open(file("queues.sqlite").as_deref()).map_err(StartError::Queues)?;
        let tables = file("tables.sqlite");
        let dynamo = dynamo::Engine::start(tables.as_deref(), &config.clock, &db, &stop)?;
        let app = App {
            dynamo,
            sqs: sqs::Engine::new(db.clone(), config.clock, url.clone(), stop.clone()),
            s3: s3::Engine::open(file("objects").as_deref())?,
            meter: Meter::default(),
            calls: Calls::default(),
            access,
            faults: Faults::default(),
            stop: stop.clone(),
        };
        let app = Arc::new(app);
        let server = tokio::spawn(serve(listener, Arc::clone(&app), stop.clone()));
        Ok(Self {
            url,
            app,
            db,
            server,
            stop: stop.drop_guard(),
        })
    }

    /// Where the endpoints are, such as `http://127.0.0.1:4566`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What an AWS client needs to call as `caller`, which is the name its calls are recorded under
    /// (see [`crate::Call::caller`]). Keep to letters, digits and `-`.
    pub fn sdk_config(&self, caller: &str) -> SdkConfig {
        self.app.access.sdk_config(&self.url, caller)
    }

    /// Who may call.
    pub fn access(&self) -> &Access {
        &self.app.access
    }

    /// What has been used so far. All clones see the same counts.
    pub fn meter(&self) -> Meter {
        self.app.meter.clone()
    }

    /// The faults to come. All clones add to the same list.
    pub fn faults(&self) -> Faults {
        self.app.faults.clone()
    }

    /// Every kind of call that was made so far, with how often.
    pub fn calls(&self) -> Vec<(Call, u64)> {
        self.app.calls.list()
    }

    /// Forgets the calls made so far.
    pub fn forget_calls(&self) {
        self.app.calls.clear();
    }

    /// Tells all who wait for time to pass that the clock was moved.
    pub fn clock_moved(&self) {
        self.app.sqs.clock_moved();
    }

    /// A reader of the stream of `table` that remembers how far it has come under the name `consumer`.
    pub fn stream_reader(&self, table: &str, consumer: &str) -> StreamReader {
        let (database, changes) = self.app.dynamo.source();
        StreamReader::new(table, consumer, database, changes, self.db.clone())
    }

    /// Removes the items whose time to live has passed, as DynamoDB does on its own now and then, and
    /// says how many. Their stream records follow.
    pub async fn expire_items(&self) -> usize {
        self.app.dynamo.expire_items().await
    }

    /// Stops listening, ends open long polls, waits for requests under way (five seconds at most) and
    /// closes the state.
    pub async fn shutdown(self) {
        let Self {
            app, server, stop, ..
        } = self;
        drop(stop);
        if tokio::time::timeout(PATIENCE, server).await.is_err() {
            tracing::warn!("requests were still under way when the endpoints stopped");
        }
        app.dynamo.stopped().await;
    }
}

async fn serve(listener: TcpListener, app: Arc<App>, stop: CancellationToken) {
    let listener = listener.tap_io(|stream| {
        // An answer of several segments must not wait for the client's acknowledgement.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    });
    let router = Router::new().fallback(handle).with_state(app);
    let serving = axum::serve(listener, router)
        .with_graceful_shutdown(stop.cancelled_owned())
        .into_future();
    if let Err(error) = serving.await {
        tracing::error!(%error, "the endpoints stopped listening");
    }
}

/// The address a client on this machine uses.
fn url_of(address: SocketAddr) -> String {
    match address.ip() {
        ip if ip.is_unspecified() => {
            let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
            format!("http://{}", SocketAddr::new(local, address.port()))
        }
        _ => format!("http://{address}"),
    }
}

fn make_directory(path: &Path) -> Result<(), StartError> {
    std::fs::create_dir_all(path).map_err(|source| StartError::State {
        path: path.to_owned(),
        source,
    })
}
