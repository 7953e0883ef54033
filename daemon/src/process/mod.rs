//! Running other people's programs: with limits, in streams, and leaving nobody behind.

mod lines;
mod pulse;
mod reaper;
mod supervise;
#[cfg(target_os = "linux")]
mod table;
mod tail;

pub(crate) use lines::Lines;
pub(crate) use pulse::Pulse;
pub use reaper::Reaper;
pub(crate) use reaper::{Group, NotEmpty};
pub(crate) use supervise::{
    Invocation, Limits, ProcessExit, ProcessResult, StartError, Watch, supervise,
};
#[cfg(target_os = "linux")]
pub(crate) use table::of_user;
