//! Whom GitHub lets do nothing: suspended installations and blocked people.

use rusqlite::{Connection, OptionalExtension, params};

use super::accounts::Account;
use super::repositories::Repository;
use crate::error::Error;

/// Since when an installation is suspended (seconds since 1970), if it is.
pub(crate) fn suspended(db: &Connection, installation_id: u64) -> Result<Option<i64>, Error> {
    let sql = "SELECT since FROM suspension WHERE installation_id = ?1";
    Ok(db
        .query_row(sql, [installation_id], |row| row.get(0))
        .optional()?)
}

/// Suspends an installation.
pub(crate) fn suspend(db: &Connection, installation_id: u64, now: i64) -> Result<(), Error> {
    let sql = "INSERT OR IGNORE INTO suspension VALUES (?1, ?2)";
    db.execute(sql, params![installation_id, now])?;
    Ok(())
}

/// Lets an installation work again.
pub(crate) fn unsuspend(db: &Connection, installation_id: u64) -> Result<(), Error> {
    let sql = "DELETE FROM suspension WHERE installation_id = ?1";
    db.execute(sql, [installation_id])?;
    Ok(())
}

/// Whether the owner of a repository has blocked this person.
pub(crate) fn blocked(
    db: &Connection,
    repository: &Repository,
    person: &Account,
) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM blocked WHERE owner_id = ?1 AND account_id = ?2";
    let found: Option<i64> = db
        .query_row(sql, [repository.owner.id, person.id], |row| row.get(0))
        .optional()?;
    Ok(found.is_some())
}

/// Blocks a person.
pub(crate) fn block(db: &Connection, owner: &Account, person: &Account) -> Result<(), Error> {
    let sql = "INSERT OR IGNORE INTO blocked VALUES (?1, ?2)";
    db.execute(sql, [owner.id, person.id])?;
    Ok(())
}
