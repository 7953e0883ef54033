//! DynamoDB, SQS and S3 on one machine, on disk, reached by the SDK's own clients.
//!
//! [`Endpoints::start`] opens one port. What a request carries in `X-Amz-Target` decides which service
//! answers it: `DynamoDB_20120810.*` and `DynamoDBStreams_20120810.*` go to an embedded DynamoDB,
//! `AmazonSQS.*` goes to the queue engine of this crate, and everything else is S3 on the file system
//! (path style). Signatures are not checked; the access key only names the caller in
//! [`Endpoints::calls`]. A session token is, where [`Access`] asks for one.
//!
//! State lives in one directory and survives the sudden death of the process: every acknowledged write
//! is in a write-ahead log of SQLite or in a renamed file before the answer leaves. It is not made to
//! survive the loss of power.
//!
//! Beside the three services there is what a laptop and a test need and AWS keeps to itself: a clock
//! that can be moved, a [`Meter`] of what AWS would bill, [`Faults`] to inject, the list of calls that
//! were made, and a [`StreamReader`] that feeds a table's stream to a function.
//!
//! This crate knows nothing of the product: no table layout, no queue name, no message format.

mod access;
mod answers;
mod calls;
mod clock;
mod config;
mod db;
mod dynamo;
mod endpoints;
mod exchange;
mod faults;
mod meter;
mod s3;
mod sdk;
mod server;
mod sqs;
mod stream;

pub use access::Access;
pub use calls::Call;
pub use clock::{Clock, ManualClock};
pub use config::{Config, Durability, StartError};
pub use endpoints::Endpoints;
pub use faults::{ANY, AwsError, Fault, Faults, Gate};
pub use meter::{Counts, Meter, Requests, Units};
pub use sdk::{sdk_config, sdk_config_as};
pub use stream::{Batch, StreamError, StreamReader};

/// The AWS region every name and every record of these endpoints carries.
pub const REGION: &str = "us-east-1";

/// The AWS account every ARN and every queue address of these endpoints carries.
pub const ACCOUNT: &str = "000000000000";
