//! Spans on their way to an OTLP endpoint.

mod collector;
mod endpoint;
mod export;
#[cfg(test)]
mod tests;

pub(crate) use collector::{Collector, Open, bounds};
pub use endpoint::{Endpoint, WrongEndpoint};
pub(crate) use export::Exporter;
