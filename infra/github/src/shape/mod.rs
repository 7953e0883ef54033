//! The JSON of every object, the same in answers and in webhooks.

mod discussion;
mod owner;
mod pull;
mod review;

pub(crate) use discussion::{comment, html_url, issue, label, reaction};
pub(crate) use owner::{app, installation, repository, repository_brief, user};
pub(crate) use pull::pull;
pub(crate) use review::{review, review_comment};
