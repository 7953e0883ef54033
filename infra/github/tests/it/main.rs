//! The simulation from outside: over HTTP, with real git, and across restarts.

#![expect(
    clippy::expect_used,
    reason = "the helpers of tests fail the test that uses them"
)]

mod auth;
mod conditions;
mod faults;
mod git;
mod issues;
mod lfs;
mod manifests;
mod pages;
mod propagation;
mod pulls;
mod pushes;
mod refs;
mod restart;
mod reviews;
mod scopes;
mod support;
mod webhooks;
