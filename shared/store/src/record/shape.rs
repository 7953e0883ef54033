//! The version of a record's shape.
//!
//! A field that is added is optional, so that what an older writer has left is read, and raises the shape. A reader
//! leaves what a newer writer has left alone: it would write it back without what it does not know.

use super::WrongRecord;

/// Whether a reader that knows `known` may read a record of `found`, the oldest of which is 1.
pub(crate) const fn check_shape(found: u32, known: u32) -> Result<(), WrongRecord> {
    match found {
        0 => Err(WrongRecord::Shapeless),
        newer if newer > known => Err(WrongRecord::Newer { shape: newer }),
        _ => Ok(()),
    }
}
