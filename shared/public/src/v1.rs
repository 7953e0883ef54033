//! The types of version 1.

mod version;

pub use version::{ApiVersion, Version};
