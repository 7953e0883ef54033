//! Where the app is installed.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::accounts::{self, Account};
use super::db::next_id;
use crate::error::Error;

/// The app's installation on one account.
#[derive(Clone, Debug)]
pub(crate) struct Installation {
    pub(crate) id: u64,
    pub(crate) account: Account,
    pub(crate) created_at: i64,
}

fn installation(row: &Row<'_>) -> rusqlite::Result<Installation> {
    Ok(Installation {
        id: row.get("id")?,
        account: accounts::account(row)?,
        created_at: row.get("created_at")?,
    })
}

fn select(condition: &str) -> String {
    format!(
        "SELECT i.id, i.created_at, {} FROM installation i
         JOIN account a ON a.id = i.account_id {condition}",
        accounts::COLUMNS
    )
}

/// The installation of this id, or [`Error::NotFound`].
pub(crate) fn find(db: &Connection, id: u64) -> Result<Installation, Error> {
    let found = db
        .query_row(&select("WHERE i.id = ?1"), [id], installation)
        .optional()?;
    found.ok_or(Error::NotFound)
}

/// All installations, oldest first.
pub(crate) fn all(db: &Connection) -> Result<Vec<Installation>, Error> {
    let mut statement = db.prepare_cached(&select("ORDER BY i.id"))?;
    let rows = statement.query_map([], installation)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The installation on this account, and whether it has just been made.
pub(crate) fn ensure(
    db: &Connection,
    account: &Account,
    now: i64,
) -> Result<(Installation, bool), Error> {
    let sql = select("WHERE i.account_id = ?1");
    if let Some(found) = db.query_row(&sql, [account.id], installation).optional()? {
        return Ok((found, false));
    }
    let id = next_id(db)?;
    db.execute(
        "INSERT INTO installation VALUES (?1, ?2, ?3)",
        params![id, account.id, now],
    )?;
    Ok((
        Installation {
            id,
            account: account.clone(),
            created_at: now,
        },
        true,
    ))
}
