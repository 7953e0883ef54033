//! The use cases of deliveries, one file each: what one means, and that none is lost.
//!
//! [`Triage`] decides on a delivery and does what it asks for; [`WaitingDeliveries`] and [`Gaps`] see to those that were
//! interrupted, or that the provider could not bring.

mod admit;
mod close_gaps;
mod decide;
mod handle_delivery;
mod handled;
mod interrupt_delivery;
mod pass;
mod request;
mod resume_delivery;
mod trace;
mod triage;

pub use close_gaps::Gaps;
pub use handle_delivery::Triaged;
pub use resume_delivery::{ResumedDelivery, WaitingDeliveries};
pub use triage::{Triage, TriageParts};
