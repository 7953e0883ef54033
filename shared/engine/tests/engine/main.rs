//! The engine from outside: definitions as they are written, and runs as they are driven.

#![cfg(test)]

mod bodies;
mod conformance;
mod control;
mod definitions;
mod drawn;
mod examples;
mod failures;
mod flow;
mod random;
mod redrive;
mod triggers;
mod world;
mod written;
