//! What crosses a process boundary: queue messages, the worker protocol, problem details.
//!
//! Every message carries its version. Adding an optional field keeps the version; anything else raises it,
//! and readers refuse versions they do not know, so that a message waits for the code that understands it.
//! Nothing here decides anything.

mod body;
mod delivery;
mod job;
pub mod log_fields;
mod problem;
mod proof;
mod version;
pub mod worker;

pub use body::{BodyError, PackedBody};
pub use delivery::{DeliveryBody, DeliveryMessage, INVOCATION_LIMIT, Proven};
pub use job::{JobMessage, JobRef};
pub use problem::{Problem, ProblemKind, Slug};
pub use proof::{Claim, ClaimProof};
pub use version::{Version, VersionError};
