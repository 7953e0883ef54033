//! The worker protocol over its router: real endpoints, a simulated provider, and a clock that is moved.

#![cfg(test)]

mod answer;
mod claim;
mod contended;
mod events;
mod finish;
mod git_token;
mod interleavings;
mod lease;
mod lost;
mod release;
mod requests;
mod start;
mod support;
mod tokens;
