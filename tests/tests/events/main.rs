//! Every sample in events/ is read by the real types and handled by the real code, on endpoints in memory.

#![cfg(test)]

mod forgeries;
mod relay;
mod samples;
mod scheduler;
mod triage;
mod webhook;
mod worker;
mod world;
