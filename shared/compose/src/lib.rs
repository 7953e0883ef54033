//! What several functions are put together from: the table, the jobs queue, GitHub, connections opened early.
//!
//! Each part reads its settings and is made of them, or remembers with the reader what is wrong, so that it is said
//! together with everything else.

mod github_app;
mod jobs;
mod table;
#[cfg(test)]
mod tests;
mod warm_up;

pub use github_app::github_app;
pub use jobs::{job_queue, signing_keys};
pub use table::table;
pub use warm_up::{Connection, warm_up};
