//! The control surface: what the demonstration and tests do and look at.

mod conditions;
mod look;
mod people;
mod pulls;
mod setup;
mod wait;

pub use look::MintedToken;
pub use wait::WaitError;
