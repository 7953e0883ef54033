//! Who is asking: app JWTs, installation tokens, and what they may do.

pub(crate) mod caller;
pub(crate) mod jwt;
pub(crate) mod key;
