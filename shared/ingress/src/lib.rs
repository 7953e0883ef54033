//! Inbound providers: verify raw bytes, parse them to one event type.
//!
//! A provider has two functions. One decides whether the bytes come from it, and knows of headers and
//! signatures; it runs before anything else looks at the bytes. The other reads what they mean. Neither
//! does any input or output, and neither knows who may do what.

pub mod github;
