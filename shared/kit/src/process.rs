//! The shape of every function's `main.rs`.

use std::{collections::HashMap, fmt, sync::Arc};

use axum::Router;
use domain::{SharedClock, SharedRandom, SystemClock, SystemRandom};
use lambda_http::Adapter;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::{Serialize, de::DeserializeOwned};
use settings::{Program, Settings, SettingsError};
use tower::ServiceBuilder;

use crate::{
    Boundary, Clients, http_event, load_settings,
    telemetry::{self, Telemetry},
};

/// A function's process: what it is made of before its settings are known, and how it serves.
pub struct Process {
    program: Program,
    vars: HashMap<String, String>,
    telemetry: Telemetry,
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process")
            .field("program", &self.program)
            .finish_non_exhaustive()
    }
}

impl Process {
    /// Reads the environment and starts logging as `program`.
    pub fn start(program: Program) -> Self {
        let vars = settings::environment();
        Self {
            program,
            telemetry: telemetry::start(program, &vars),
            vars,
        }
    }

    /// The environment.
    pub const fn vars(&self) -> &HashMap<String, String> {
        &self.vars
    }

    /// Clients for AWS. What asks for none carries no SDK.
    pub fn aws(&self) -> Clients {
        Clients::from_vars(&self.vars)
    }

    /// The machine's clock.
    pub fn clock(&self) -> SharedClock {
        Arc::new(SystemClock)
    }

    /// The machine's randomness.
    pub fn random(&self) -> SharedRandom {
        Arc::new(SystemRandom)
    }

    /// The program's settings, from the environment or else from Parameter Store. `warm_up` goes on while that is read.
    pub async fn settings(&self, aws: &Clients, warm_up: impl Future<Output = ()>) -> Settings {
        let names = settings::parameters(self.program);
        let load = load_settings(self.vars.clone(), aws, &names);
        let (settings, ()) = tokio::join!(load, warm_up);
        settings
    }

    /// What the function is made of, if it can start. Why it cannot is logged at the level where people look for it; the language's own
    /// line about it has none.
    pub fn ready<T, E: fmt::Display>(&self, made: Result<T, E>) -> Result<T, E> {
        made.inspect_err(|error| tracing::error!(%error, "the function cannot start"))
    }

    /// Serves events, and exports spans at the end of each: an environment may be frozen right after its answer.
    pub async fn serve_events<E, A>(
        self,
        handle: impl AsyncFn(E) -> Result<A, Error>,
    ) -> Result<(), Error>
    where
        E: DeserializeOwned,
        A: Serialize,
    {
        let (handle, telemetry) = (&handle, &self.telemetry);
        let answer = |event: LambdaEvent<E>| async move {
            let answer = handle(event.payload).await;
            telemetry.flush().await;
            answer
        };
        lambda_runtime::run(service_fn(answer)).await
    }

    /// What stands around the program's routes.
    pub fn boundary(&self, settings: &Settings) -> Result<Boundary, SettingsError> {
        Boundary::from_settings(settings, self.program, self.clock(), self.random())
    }

    /// Serves HTTP requests.
    pub async fn serve_http(self, router: Router) -> Result<(), Error> {
        let router = telemetry::flushing(router, self.telemetry);
        let service = ServiceBuilder::new().map_request(http_event::readable);
        lambda_runtime::run(service.service(Adapter::from(router))).await
    }
}
