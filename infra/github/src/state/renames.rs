//! What repositories and branches used to be called. GitHub leads from the former name to the new one
//! until something else takes the name.

use rusqlite::{Connection, OptionalExtension, params};

use super::accounts::Account;
use super::repositories::{self, Repository};
use crate::error::Error;

/// The repository that used to be called `owner/name`, if one was and no other is now.
pub(crate) fn formerly(
    db: &Connection,
    owner: &str,
    name: &str,
) -> Result<Option<Repository>, Error> {
    if repositories::find(db, owner, name).is_ok() {
        return Ok(None);
    }
    let sql = "SELECT repository_id FROM former_name WHERE full_name = ?1";
    let id: Option<u64> = db
        .query_row(sql, [format!("{owner}/{name}")], |row| row.get(0))
        .optional()?;
    id.map(|id| repositories::by_id(db, id)).transpose()
}

/// Gives a repository another name or owner and remembers the former ones.
pub(crate) fn rename(
    db: &Connection,
    repository: &Repository,
    owner: &Account,
    name: &str,
) -> Result<(), Error> {
    let former = "INSERT OR REPLACE INTO former_name VALUES (?1, ?2)";
    db.execute(former, params![repository.full_name(), repository.id])?;
    let sql = "UPDATE repository SET owner_id = ?2, name = ?3 WHERE id = ?1";
    db.execute(sql, params![repository.id, owner.id, name])?;
    Ok(())
}

/// What a branch that used to have this name is called now.
pub(crate) fn branch_now(
    db: &Connection,
    repository_id: u64,
    name: &str,
) -> Result<Option<String>, Error> {
    let sql = "SELECT now_called FROM former_branch WHERE repository_id = ?1 AND name = ?2";
    Ok(db
        .query_row(sql, params![repository_id, name], |row| row.get(0))
        .optional()?)
}

/// Calls the default branch something else, and moves open pull requests to it.
pub(crate) fn rename_default_branch(
    db: &Connection,
    repository: &Repository,
    name: &str,
) -> Result<(), Error> {
    let (id, former) = (repository.id, &repository.default_branch);
    let statements = [
        "INSERT OR REPLACE INTO former_branch VALUES (?1, ?2, ?3)",
        "UPDATE former_branch SET now_called = ?3 WHERE repository_id = ?1 AND now_called = ?2",
        "UPDATE repository SET default_branch = ?3 WHERE id = ?1 AND default_branch = ?2",
        "UPDATE pull SET base = ?3 WHERE base = ?2 AND issue_id IN
             (SELECT id FROM issue WHERE repository_id = ?1 AND open)",
    ];
    for statement in statements {
        db.execute(statement, params![id, former, name])?;
    }
    let sql = "DELETE FROM former_branch WHERE repository_id = ?1 AND name = ?2";
    db.execute(sql, params![id, name])?;
    Ok(())
}
