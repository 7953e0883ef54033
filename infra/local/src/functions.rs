//! The functions, mounted in this process or served by another one.

mod mounted;
mod remote;

use std::{
    collections::BTreeMap,
    fmt,
    str::FromStr,
    sync::{Mutex, PoisonError},
};

use anyhow::Result;
use axum::{extract::Request, response::Response};
use serde_json::Value;
use settings::Program;

pub(crate) use mounted::{Mounted, Parts};
pub(crate) use remote::Remote;

/// The name of a function: that of its binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FunctionName {
    /// Takes deliveries in.
    Webhook,
    /// Decides what they mean.
    Triage,
    /// Serves the daemons, by the worker protocol.
    Worker,
    /// Serves people and their programs.
    Api,
    /// Sets going again what is due.
    Scheduler,
    /// Tells what has happened.
    Relay,
}

impl FunctionName {
    /// Every function.
    pub const ALL: [Self; 6] = [
        Self::Webhook,
        Self::Triage,
        Self::Worker,
        Self::Api,
        Self::Scheduler,
        Self::Relay,
    ];

    /// The program that it is.
    pub const fn program(self) -> Program {
        match self {
            Self::Webhook => Program::Webhook,
            Self::Triage => Program::Triage,
            Self::Worker => Program::Worker,
            Self::Api => Program::Api,
            Self::Scheduler => Program::Scheduler,
            Self::Relay => Program::Relay,
        }
    }

    /// The name as text.
    pub const fn as_str(self) -> &'static str {
        self.program().name()
    }
}

impl fmt::Display for FunctionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for FunctionName {
    type Err = anyhow::Error;
    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|name| name.as_str() == text);
        found.ok_or_else(|| anyhow::anyhow!("the template has a function `{text}` that is unknown"))
    }
}

/// The functions, with how often each was called.
#[derive(Debug)]
pub(crate) struct Functions {
    place: Place,
    calls: Mutex<BTreeMap<&'static str, u64>>,
}

/// Where the functions run.
#[derive(Debug)]
pub(crate) enum Place {
    /// In this process.
    Mounted(Box<Mounted>),
    /// Behind another process's invocation API, such as that of `cargo lambda watch`.
    Remote(Remote),
}

impl Functions {
    /// The functions at `place`.
    pub(crate) fn new(place: Place) -> Self {
        Self {
            place,
            calls: Mutex::default(),
        }
    }

    /// Gives an event to a function, as its trigger on AWS would.
    pub(crate) async fn invoke(&self, name: FunctionName, event: Value) -> Result<Value> {
        self.count(name);
        match &self.place {
            Place::Mounted(mounted) => mounted.invoke(name, event).await,
            Place::Remote(remote) => remote.invoke(name, event).await,
        }
    }

    /// Gives an HTTP request to a function, as its URL or an HTTP API would.
    pub(crate) async fn serve(&self, name: FunctionName, request: Request) -> Result<Response> {
        self.count(name);
        match &self.place {
            Place::Mounted(mounted) => mounted.serve(name, request).await,
            Place::Remote(remote) => remote.serve(name, request).await,
        }
    }

    /// How often each function was called so far.
    pub(crate) fn calls(&self) -> BTreeMap<&'static str, u64> {
        let calls = self.calls.lock();
        calls.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn count(&self, name: FunctionName) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        *calls.entry(name.as_str()).or_default() += 1;
    }
}
