//! Labels of a repository and of its issues.

use rusqlite::{Connection, OptionalExtension, params};

use super::db::next_id;
use crate::error::Error;

/// One label.
#[derive(Clone, Debug)]
pub(crate) struct Label {
    pub(crate) id: u64,
    pub(crate) name: String,
}

/// The labels of an issue, by id.
pub(crate) fn of_issue(db: &Connection, issue_id: u64) -> Result<Vec<Label>, Error> {
    let mut statement = db.prepare_cached(
        "SELECT l.id, l.name FROM issue_label il JOIN label l ON l.id = il.label_id
         WHERE il.issue_id = ?1 ORDER BY l.id",
    )?;
    let rows = statement.query_map([issue_id], |row| {
        Ok(Label {
            id: row.get(0)?,
            name: row.get(1)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The label of this name, made if the repository has none.
pub(crate) fn ensure(db: &Connection, repository_id: u64, name: &str) -> Result<Label, Error> {
    let sql = "SELECT id, name FROM label WHERE repository_id = ?1 AND name = ?2";
    let found = db
        .query_row(sql, params![repository_id, name], |row| {
            Ok(Label {
                id: row.get(0)?,
                name: row.get(1)?,
            })
        })
        .optional()?;
    if let Some(label) = found {
        return Ok(label);
    }
    let id = next_id(db)?;
    db.execute(
        "INSERT INTO label VALUES (?1, ?2, ?3)",
        params![id, repository_id, name],
    )?;
    Ok(Label {
        id,
        name: name.to_owned(),
    })
}

/// Puts a label on an issue; false if it was there.
pub(crate) fn add(db: &Connection, issue_id: u64, label: &Label) -> Result<bool, Error> {
    let sql = "INSERT OR IGNORE INTO issue_label VALUES (?1, ?2)";
    Ok(db.execute(sql, [issue_id, label.id])? == 1)
}

/// Takes a label off an issue; false if it was not there.
pub(crate) fn remove(db: &Connection, issue_id: u64, label: &Label) -> Result<bool, Error> {
    let sql = "DELETE FROM issue_label WHERE issue_id = ?1 AND label_id = ?2";
    Ok(db.execute(sql, [issue_id, label.id])? == 1)
}
