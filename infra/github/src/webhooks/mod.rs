//! Sending webhooks: signed, once each, and never again unless asked to.

pub(crate) mod dispatch;
pub(crate) mod send;
pub(crate) mod signature;
