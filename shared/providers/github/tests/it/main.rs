//! The clients against servers: a simulated GitHub, and scripted ones for what it does not do.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod conversation;
mod operations;
mod scripted;
mod sim;
mod support;
