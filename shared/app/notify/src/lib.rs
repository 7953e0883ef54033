//! Telling the people who asked what has happened. Nothing else speaks to the outside world.

mod change_record;
mod last_posts;
mod noted_places;
mod put_off;
mod react;
mod relay;
mod reply_refusal;
mod report_run;
mod run_view;
mod signs;
mod stream_record;
mod tellers;
mod telling;

pub use change_record::ChangeRecord;
pub use relay::Relay;
pub use report_run::Shown;
pub use stream_record::StreamRecord;
