//! The endpoints as the SDK's own clients see them.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::float_cmp,
    reason = "helpers of tests fail like tests; units are exact halves"
)]

mod access;
mod contract;
mod durability;
mod dynamo;
mod faults;
mod meter;
mod objects;
mod sqs_ours;
mod streams;
mod support;
