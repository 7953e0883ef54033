//! Records: the private shapes in which the domain is stored.

mod delivery;
mod job;
mod origin;
mod run;
mod target;
pub(crate) mod time;

pub(crate) use delivery::DeliveryRecord;
pub(crate) use origin::RequesterRecord;
pub(crate) use run::RunRecord;
pub(crate) use time::{RequestTimeRecord, from_millis, shard, to_millis};
