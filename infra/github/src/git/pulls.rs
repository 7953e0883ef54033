//! `refs/pull/N/head`: where a pull request's head can be fetched, even after its branch is gone.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Git, succeeded};
use crate::error::Error;
use crate::hub::Hub;
use crate::state::issues;
use crate::state::repositories::Repository;

/// The references that people may fetch but nobody may push.
const HIDDEN: &str = "refs/pull";

/// Points the reference of each pull request at its head as last pushed. Doing it twice changes
/// nothing.
pub(crate) async fn follow(hub: &Hub, repository: &Repository) -> Result<(), Error> {
    let id = repository.id;
    let pulls = hub.read(move |act| issues::pulls(act.db, id)).await?;
    let wanted = pulls.into_iter().filter_map(|one| {
        let head = one.pull?.head_sha;
        Some((format!("{HIDDEN}/{}/head", one.number), head))
    });
    let wanted: BTreeMap<String, String> = wanted.collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let known = hub.git.refs_under(repository, &[HIDDEN]).await?;
    let mut commands = String::new();
    for (name, sha) in &wanted {
        if known.get(name) != Some(sha) {
            // Writing to a string cannot fail.
            writeln!(commands, "update {name} {sha}").ok();
        }
    }
    hub.git.update_refs(repository, commands).await
}

impl Git {
    /// Runs the lines of `git update-ref --stdin`, all or none of them.
    pub(crate) async fn update_refs(
        &self,
        repository: &Repository,
        commands: String,
    ) -> Result<(), Error> {
        if commands.is_empty() {
            return Ok(());
        }
        let arguments = ["update-ref", "--stdin"];
        let input = Some(commands.into_bytes());
        succeeded(&self.run(repository, &arguments, input).await?)
    }
}
