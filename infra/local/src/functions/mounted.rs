//! The functions in this process: the same code that AWS runs, without the processes around it.

use std::{
    collections::{BTreeMap, HashMap},
    pin::Pin,
};

use anyhow::{Context, Result, bail};
use aws_local::Endpoints;
use axum::{Router, extract::Request, response::Response};
use domain::{SharedClock, SharedRandom};
use kit::{Boundary, Clients};
use serde_json::Value;
use settings::Settings;
use tower::ServiceExt;
use tracing::{Dispatch, Instrument as _, info_span, instrument::WithSubscriber as _};

use super::FunctionName;

/// What the functions are put together from.
#[derive(Debug)]
pub(crate) struct Parts<'a> {
    /// The settings of each function.
    pub(crate) settings: &'a BTreeMap<String, HashMap<String, String>>,
    /// The AWS endpoints.
    pub(crate) endpoints: &'a Endpoints,
    /// The clock.
    pub(crate) clock: SharedClock,
    /// The source of ids.
    pub(crate) random: SharedRandom,
    /// Where they log to, if that is not the process's own log.
    pub(crate) log: Option<Dispatch>,
}

/// The functions in this process.
#[derive(Debug)]
pub(crate) struct Mounted {
    webhook: Router,
    worker: Router,
    api: Router,
    triage: intake::Triage,
    scheduler: schedules::Scheduler,
    relay: notify::Relay,
    log: Option<Dispatch>,
}

impl Mounted {
    /// Puts the functions together, each with its own settings and its own name at the AWS endpoints.
    pub(crate) fn connect(parts: &Parts<'_>) -> Result<Self> {
        let Parts {
            settings,
            endpoints,
            clock,
            random,
            log,
        } = parts;
        let of = |name: FunctionName| {
            let vars = settings.get(name.as_str()).cloned().unwrap_or_default();
            let aws = Clients::new(endpoints.sdk_config(name.as_str()));
            (Settings::from_vars(vars), aws)
        };
        let wrong = |name: FunctionName| format!("the function `{name}` cannot start");

        let boundary = |name: FunctionName, settings: &Settings| {
            let (clock, random) = (clock.clone(), random.clone());
            let boundary = Boundary::from_settings(settings, name.program(), clock, random);
            boundary.with_context(|| wrong(name))
        };

        let (vars, aws) = of(FunctionName::Webhook);
        let verifying = webhook::connect(&vars, &aws, clock.clone(), random.clone())
            .with_context(|| wrong(FunctionName::Webhook))?;
        let webhook = webhook::router(verifying, boundary(FunctionName::Webhook, &vars)?);
        let (vars, aws) = of(FunctionName::Worker);
        let serving = worker::connect(&vars, &aws, clock.clone(), random.clone())
            .with_context(|| wrong(FunctionName::Worker))?;
        let worker = worker::router(serving, boundary(FunctionName::Worker, &vars)?);
        let (vars, _) = of(FunctionName::Api);
        let api = api::router(boundary(FunctionName::Api, &vars)?);
        let (vars, aws) = of(FunctionName::Triage);
        let triage = triage::connect(&vars, &aws, clock.clone(), random.clone())
            .with_context(|| wrong(FunctionName::Triage))?;
        let (vars, aws) = of(FunctionName::Scheduler);
        let scheduler = scheduler::connect(&vars, &aws, clock.clone(), random.clone())
            .with_context(|| wrong(FunctionName::Scheduler))?;
        let (vars, aws) = of(FunctionName::Relay);
        let relay = relay::connect(&vars, &aws, clock.clone(), random.clone())
            .with_context(|| wrong(FunctionName::Relay))?;
        Ok(Self {
            webhook,
            worker,
            api,
            triage,
            scheduler,
            relay,
            log: log.clone(),
        })
    }

    pub(crate) async fn invoke(&self, name: FunctionName, event: Value) -> Result<Value> {
        // The type of everything below would be too deep for the compiler.
        let handled: Pin<Box<dyn Future<Output = Result<Value>> + Send + '_>> =
            Box::pin(self.handle(name, event));
        self.logged(name, handled).await
    }

    /// Says which function speaks, where on AWS each would have a process and a log of its own.
    async fn logged<T>(&self, name: FunctionName, work: impl Future<Output = T>) -> T {
        let spoken = async {
            work.instrument(info_span!("function", service = name.as_str()))
                .await
        };
        match &self.log {
            Some(log) => spoken.with_subscriber(log.clone()).await,
            None => spoken.await,
        }
    }

    async fn handle(&self, name: FunctionName, event: Value) -> Result<Value> {
        // Events go through their JSON form, so that the function reads what AWS would send.
        Ok(match name {
            FunctionName::Triage => {
                let event = serde_json::from_value(event)?;
                serde_json::to_value(
                    triage::handle(&self.triage, event, intake::Triage::WITHIN).await,
                )?
            }
            FunctionName::Relay => {
                let event = serde_json::from_value(event)?;
                serde_json::to_value(relay::handle(&self.relay, event).await)?
            }
            FunctionName::Scheduler => {
                serde_json::to_value(scheduler::handle(&self.scheduler).await?)?
            }
            FunctionName::Webhook | FunctionName::Worker | FunctionName::Api => {
                bail!("`{name}` takes HTTP requests")
            }
        })
    }

    pub(crate) async fn serve(&self, name: FunctionName, mut request: Request) -> Result<Response> {
        // What the outer router has found in the path is not part of the request that a function gets.
        request.extensions_mut().clear();
        let router = match name {
            FunctionName::Webhook => &self.webhook,
            FunctionName::Worker => &self.worker,
            FunctionName::Api => &self.api,
            FunctionName::Triage | FunctionName::Scheduler | FunctionName::Relay => {
                bail!("`{name}` takes events")
            }
        };
        let answer = router.clone().oneshot(request);
        self.logged(name, answer)
            .await
            .map_err(|never| match never {})
    }
}
