//! What is looked at before anything starts, so that nothing starts that cannot work.

pub(crate) mod git;
pub(crate) mod github;
