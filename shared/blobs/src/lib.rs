//! S3: bodies too large for a message.
//!
//! Bytes in, bytes out. Keys are made by those who know what they mean; how long objects live is the
//! bucket's own rule.

mod bucket;
mod error;

pub use bucket::Blobs;
pub use error::BlobError;
