//! Finding out what a push changed.

use super::pulls;
use crate::actions::push::{self, Moved, NOTHING};
use crate::error::Error;
use crate::hub::Hub;
use crate::propagation::branch_key;
use crate::state::refs::{self, Refs};
use crate::state::repositories::{self, Repository};

/// Compares the references with what was last seen, and records and announces the difference in the
/// name of `login`. Doing it twice changes nothing.
pub(crate) async fn sync(hub: &Hub, repository: &Repository, login: &str) -> Result<(), Error> {
    let lock = hub.ref_lock(repository.id);
    let _held = lock.lock().await;
    let id = repository.id;
    let known = hub.read(move |act| refs::known(act.db, id)).await?;
    let now = hub.git.refs(repository).await?;
    if known == now {
        return Ok(());
    }
    let mut moved = differences(&known, &now);
    for change in &mut moved {
        if change.after != NOTHING {
            let base = (change.before != NOTHING).then_some(change.before.as_str());
            change.commits = hub.git.commits(repository, base, &change.after).await?;
        }
    }
    for change in moved.iter().filter(|change| change.before == NOTHING) {
        if let Some(branch) = change.name.strip_prefix("refs/heads/") {
            hub.fresh.born(branch_key(id, branch), hub.now());
        }
    }
    let login = login.to_owned();
    hub.write(move |act| {
        let repository = repositories::by_id(act.db, id)?;
        push::record(act, &repository, &act.actor(&login)?, &now, &moved)
    })
    .await?;
    pulls::follow(hub, repository).await
}

fn differences(known: &Refs, now: &Refs) -> Vec<Moved> {
    let names: std::collections::BTreeSet<&String> = known.keys().chain(now.keys()).collect();
    let sha = |refs: &Refs, name: &String| {
        refs.get(name)
            .map_or_else(|| NOTHING.to_owned(), String::clone)
    };
    names
        .into_iter()
        .filter(|name| known.get(*name) != now.get(*name))
        .map(|name| Moved {
            name: name.clone(),
            before: sha(known, name),
            after: sha(now, name),
            commits: Vec::new(),
        })
        .collect()
}

/// Catches up with pushes that git took but that were not recorded before the process died.
pub(crate) async fn catch_up(hub: &Hub) -> Result<(), Error> {
    for repository in hub.read(|act| repositories::all(act.db)).await? {
        if hub.git.directory(&repository).is_dir() {
            sync(hub, &repository, &repository.owner.login).await?;
            pulls::follow(hub, &repository).await?;
        }
    }
    Ok(())
}
