//! The branches and tags as last seen, so that a push can be told from what was there before.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use crate::error::Error;

/// Full reference name to commit.
pub(crate) type Refs = BTreeMap<String, String>;

/// What was last seen in this repository.
pub(crate) fn known(db: &Connection, repository_id: u64) -> Result<Refs, Error> {
    let mut statement =
        db.prepare_cached("SELECT name, sha FROM git_ref WHERE repository_id = ?1")?;
    let rows = statement.query_map([repository_id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Remembers what is there now.
pub(crate) fn replace(db: &Connection, repository_id: u64, refs: &Refs) -> Result<(), Error> {
    db.execute(
        "DELETE FROM git_ref WHERE repository_id = ?1",
        [repository_id],
    )?;
    for (name, sha) in refs {
        db.execute(
            "INSERT INTO git_ref VALUES (?1, ?2, ?3)",
            params![repository_id, name, sha],
        )?;
    }
    Ok(())
}
