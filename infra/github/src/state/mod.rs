//! The state: one SQLite connection on its own thread, one file of SQL per noun.

pub(crate) mod accounts;
pub(crate) mod comments;
pub(crate) mod db;
pub(crate) mod deliveries;
mod growth;
pub(crate) mod installations;
pub(crate) mod issues;
pub(crate) mod labels;
pub(crate) mod permissions;
pub(crate) mod reactions;
pub(crate) mod refs;
pub(crate) mod refusals;
pub(crate) mod renames;
pub(crate) mod repositories;
pub(crate) mod reviews;
pub(crate) mod schema;
pub(crate) mod tokens;
