//! Telling the people who asked what has happened. Nothing else speaks to the outside world.

mod glimpse;
mod markup;
mod memory;
mod put_off;
mod react;
mod relay;
mod reply_refusal;
mod report_run;

pub use glimpse::Glimpse;
pub use relay::{News, Relay, news_of};
pub use report_run::Shown;
