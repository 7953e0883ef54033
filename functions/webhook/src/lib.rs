//! Verifies the raw bytes of a delivery and makes one queue send.
//!
//! `POST /webhooks/github` answers 202 once the delivery is durable in the queue, and not before. It reads no
//! table, calls no third party and does not look into the delivered document: what it means is `triage`'s
//! to say. Whoever does not prove to be GitHub learns nothing but that.
//!
//! The router can be mounted anywhere; `main.rs` mounts it on Lambda.

mod accept;
mod message;
mod refusal;
mod route;
mod settings;

pub use route::router;
pub use settings::{PARAMETERS, Webhook};
