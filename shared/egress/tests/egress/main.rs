//! The clients against servers that answer from a script.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod guarded;
mod worker;
