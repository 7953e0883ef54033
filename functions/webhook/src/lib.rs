//! Verifies the raw bytes of a delivery and makes one queue send.
//!
//! `POST /webhooks/github` answers 202 once the delivery is durable in the queue, and not before. It reads no
//! table and calls no third party. It looks into the verified document for one thing only, whether it can ask
//! for nothing at all: such a delivery, most often the echo of Switchyard's own comments, is answered and goes
//! no further. What the others mean is `triage`'s to say. Whoever does not prove to be GitHub learns nothing
//! but that.
//!
//! The router can be mounted anywhere; `main.rs` mounts it on Lambda.

mod accept;
mod connect;
mod message;
mod refusal;
mod route;

pub use connect::{Webhook, connect, warm_up};
pub use route::router;
