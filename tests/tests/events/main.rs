//! Every sample in events/ is read by the real types and handled by the real code, on endpoints in memory; and what
//! happens when several processes handle the same at once.

#![cfg(test)]

mod api;
mod forgeries;
mod relay;
mod relays;
mod samples;
mod scheduler;
mod signed;
mod triage;
mod webhook;
mod worker;
mod world;
