//! The webhook function over a queue and a bucket that speak the real protocols.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod accepted;
mod faults;
mod lambda;
mod refused;
mod support;
