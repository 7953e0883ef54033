//! What calls functions on AWS without a request from outside: queues, the stream, the clock.

pub(crate) mod queue;
pub(crate) mod schedule;
pub(crate) mod stream;
