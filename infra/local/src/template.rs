//! The SAM template, read for what one machine has to do: which functions there are, what calls them and with which settings, and
//! the queues, tables, buckets and services that they need.
//!
//! The reader is pure, text in and model out. What it does not understand is an error that names the place in the template, unless
//! it stands on an explicit list of things that mean nothing here: who may call what, encryption, logs, alarms, networks. So a new
//! resource, property or event is noticed instead of silently left out.
//!
//! A new kind of resource gets a line in `resource.rs`, its `Ref` and attributes in `reference.rs`, and a file of its own that says
//! which of its properties are used and which are ignored.

mod bucket;
mod condition;
mod document;
mod error;
mod event;
mod filter;
mod function;
mod http_api;
mod intrinsic;
mod node;
mod parameter;
mod place;
mod queue;
mod reference;
mod resource;
mod route;
mod schedule;
mod scope;
mod service;
mod statement;
mod substitution;
mod table;
mod yaml;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use document::Document;
use resource::Kind;
use scope::Scope;

pub use self::{
    bucket::Bucket,
    error::TemplateError,
    event::{Event, OnError, PartialFailures, QueueSource, StartingPosition, StreamSource},
    filter::Filter,
    function::{Asynchronous, Function},
    queue::{DeadLetter, Queue},
    route::Route,
    schedule::Schedule,
    service::Service,
    statement::{Effect, Statement},
    table::{AttributeType, Index, KeyAttribute, Projection, StreamView, Table},
};

/// What a template depends on besides its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    /// Values of parameters, in place of the template's defaults.
    pub parameters: BTreeMap<String, String>,
    /// The account's number, twelve digits.
    pub account: String,
    /// The Region, such as `eu-central-1`.
    pub region: String,
    /// Name of the stack. Resources without a name of their own are called `<stack>-<logical id>`.
    pub stack: String,
    /// Endpoint of SQS. The URL of a queue is `<aws_url>/<account>/<queue name>`.
    pub aws_url: String,
    /// The one URL that all functions with URLs have here, in place of `https://<id>.lambda-url.<region>.on.aws/`.
    pub function_url: String,
    /// The URL of the HTTP API, in place of `https://<id>.execute-api.<region>.amazonaws.com`.
    pub api_url: String,
}

/// What a template asks for. Resources whose condition is false are left out. Each list is in the order of logical ids, except
/// that a queue comes after the one that takes its dead letters.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// Functions.
    pub functions: Vec<Function>,
    /// Queues, in an order in which they can be created.
    pub queues: Vec<Queue>,
    /// Tables.
    pub tables: Vec<Table>,
    /// Buckets.
    pub buckets: Vec<Bucket>,
    /// Routes of the functions that have URLs.
    pub routes: Vec<Route>,
    /// Routes of the HTTP API.
    pub api_routes: Vec<Route>,
    /// Services that keep tasks running.
    pub services: Vec<Service>,
}

impl Template {
    /// Reads the YAML (or JSON) `text` of a SAM template.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, missing, or not understood although it would change what the stack does.
    pub fn read(text: &str, world: &World) -> Result<Self, TemplateError> {
        let scope = Scope::new(Document::parse(text)?, world)?;
        Ok(Self {
            functions: scope.read_all(Kind::Function, function::read)?,
            queues: queue::read_all(&scope)?,
            tables: scope.read_all(Kind::Table, table::read)?,
            buckets: scope.read_all(Kind::Bucket, bucket::read)?,
            routes: route::read_all(&scope)?,
            api_routes: http_api::read_all(&scope)?,
            services: scope.read_all(Kind::Service, service::read)?,
        })
    }

    /// The function whose binary is called `name`.
    pub fn function(&self, name: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.name == name)
    }

    /// The queue with that logical id.
    pub fn queue(&self, logical_id: &str) -> Option<&Queue> {
        self.queues
            .iter()
            .find(|queue| queue.logical_id == logical_id)
    }

    /// The table with that logical id.
    pub fn table(&self, logical_id: &str) -> Option<&Table> {
        self.tables
            .iter()
            .find(|table| table.logical_id == logical_id)
    }
}
