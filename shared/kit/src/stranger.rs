//! Whoever has not proven who they are.

/// Marks the answer to somebody who has not proven who they are, with the reason in words that are the same for
/// all of a kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stranger(pub(crate) &'static str);
