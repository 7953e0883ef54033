//! A daemon between a scripted platform and a small provider, doing real work with real git.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on falls over"
)]

mod claude_code;
mod claude_code_real;
mod clone;
mod credentials;
mod faults;
mod hostile;
#[cfg(target_os = "linux")]
mod hostile_cases;
#[cfg(target_os = "linux")]
mod hostile_files;
#[cfg(target_os = "linux")]
mod hostile_levels;
mod implement;
mod investigate;
mod kept;
mod lease;
mod not_yet;
mod process;
mod push;
mod redacted;
mod refusals;
mod revoked;
#[cfg(target_os = "linux")]
mod sandbox;
mod scan;
mod support;
mod taken;
mod told;
mod unfit;
