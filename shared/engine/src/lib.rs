//! Definitions: what runs execute. Pure: it decides, and does no input or output.
//!
//! Those that every deployment has are written in YAML in `definitions/` and compiled in.

mod catalogue;
mod source;

pub use catalogue::{Catalogue, Definition, built_in};
pub use source::{SourceError, WhenBusy};
