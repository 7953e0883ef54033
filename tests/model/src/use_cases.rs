//! The use cases, one a file.

mod advance_run;
mod claim_job;
mod finish_job;
mod release_job;
mod resend_job;
mod start_run;
mod stop_run;
mod tell_place;

pub use advance_run::AdvanceRun;
pub use claim_job::ClaimJob;
pub use finish_job::FinishJob;
pub use release_job::ReleaseJob;
pub use resend_job::ResendJob;
pub use start_run::StartRun;
pub use stop_run::StopRun;
pub use tell_place::TellPlace;
