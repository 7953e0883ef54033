//! Putting labels on and taking them off.

use serde_json::Map;

use super::{Act, Actor, issue};
use crate::error::Error;
use crate::shape;
use crate::state::issues::{self, Issue};
use crate::state::labels;
use crate::state::repositories::Repository;

/// Characters a label may have.
const LONGEST: usize = 50;

/// Puts a label on, making it if the repository has none of this name.
pub(crate) fn add(
    act: &Act<'_>,
    repository: &Repository,
    target: &Issue,
    actor: &Actor,
    name: &str,
) -> Result<(), Error> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST || name.contains(char::is_control) {
        return Err(Error::invalid("Label", Some("name"), "invalid", None));
    }
    let label = labels::ensure(act.db, repository.id, name)?;
    if labels::add(act.db, target.id, &label)? {
        announce(act, repository, target, actor, "labeled", &label)?;
    }
    Ok(())
}

/// Takes a label off; [`Error::NotFound`] if it is not there.
pub(crate) fn remove(
    act: &Act<'_>,
    repository: &Repository,
    target: &Issue,
    actor: &Actor,
    name: &str,
) -> Result<(), Error> {
    let present = labels::of_issue(act.db, target.id)?;
    let label = present
        .iter()
        .find(|label| label.name.eq_ignore_ascii_case(name));
    let label = label.ok_or(Error::NotFound)?;
    labels::remove(act.db, target.id, label)?;
    announce(act, repository, target, actor, "unlabeled", label)
}

fn announce(
    act: &Act<'_>,
    repository: &Repository,
    target: &Issue,
    actor: &Actor,
    action: &str,
    label: &labels::Label,
) -> Result<(), Error> {
    let fresh = Issue {
        updated_at: act.now,
        ..issues::by_id(act.db, target.id)?
    };
    issues::update(act.db, &fresh)?;
    let label = shape::label(act.site, repository, label);
    let fields = Map::from_iter([("label".to_owned(), label)]);
    issue::announce(act, repository, &fresh, actor, action, fields)
}
