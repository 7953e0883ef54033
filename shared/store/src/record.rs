//! Records: the private shapes in which the domain is stored.

mod delivery;
mod due;
mod head;
mod order;
mod origin;
mod outcome;
mod shape;
mod step;
mod target;
pub(crate) mod time;
mod tracking;
mod wrong;

pub(crate) use delivery::DeliveryRecord;
pub(crate) use due::DueRecord;
pub(crate) use head::HeadRecord;
pub(crate) use order::OrderRecord;
pub(crate) use origin::RequesterRecord;
pub(crate) use outcome::FinishedRecord;
pub(crate) use shape::check_shape;
pub(crate) use step::StepRecord;
pub(crate) use time::{RequestTimeRecord, from_millis, shard, to_millis};
pub(crate) use tracking::TrackingRecord;
pub(crate) use wrong::WrongRecord;
