//! SQS: typed send, receive and visibility.
//!
//! A [`Queue`] carries one type of message as JSON. It knows nothing of what the messages mean. A queue
//! here is standard, not first-in-first-out: messages may come twice and in any order, and the group a
//! message is sent with only keeps one tenant's many from delaying another's few.

mod body;
mod error;
mod queue;
mod received;

pub use error::QueueError;
pub use queue::{Queue, SIZE_LIMIT};
pub use received::{ReceiptHandle, Received, Unreadable};
