//! Comments on issues and pull requests.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::accounts::{self, Account};
use super::db::next_id;
use crate::error::Error;

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Unique over all objects.
    pub id: u64,
    /// The issue or pull request it is on.
    pub issue_id: u64,
    /// Who wrote it.
    pub author: Account,
    /// Whether the app wrote it.
    pub via_app: bool,
    /// Markdown.
    pub body: String,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Seconds since 1970.
    pub updated_at: i64,
}

/// What a new comment is made of.
pub(crate) struct NewComment<'a> {
    pub(crate) issue_id: u64,
    pub(crate) author: &'a Account,
    pub(crate) via_app: bool,
    pub(crate) body: &'a str,
    pub(crate) now: i64,
}

fn comment(row: &Row<'_>) -> rusqlite::Result<Comment> {
    Ok(Comment {
        id: row.get("id")?,
        issue_id: row.get("issue_id")?,
        author: accounts::account(row)?,
        via_app: row.get("via_app")?,
        body: row.get("body")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

fn select(condition: &str) -> String {
    format!(
        "SELECT c.*, {} FROM comment c JOIN account a ON a.id = c.author_id {condition}",
        accounts::COLUMNS
    )
}

/// The comment of this id, or [`Error::NotFound`].
pub(crate) fn find(db: &Connection, id: u64) -> Result<Comment, Error> {
    db.query_row(&select("WHERE c.id = ?1"), [id], comment)
        .optional()?
        .ok_or(Error::NotFound)
}

/// All comments on an issue changed at or after `since`, oldest first.
pub(crate) fn of_issue(db: &Connection, issue_id: u64, since: i64) -> Result<Vec<Comment>, Error> {
    let sql = select("WHERE c.issue_id = ?1 AND c.updated_at >= ?2 ORDER BY c.id");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(params![issue_id, since], comment)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many comments an issue has.
pub(crate) fn count(db: &Connection, issue_id: u64) -> Result<u64, Error> {
    let sql = "SELECT count(*) FROM comment WHERE issue_id = ?1";
    Ok(db.query_row(sql, [issue_id], |row| row.get(0))?)
}

/// Makes a comment.
pub(crate) fn insert(db: &Connection, new: &NewComment<'_>) -> Result<Comment, Error> {
    let id = next_id(db)?;
    db.execute(
        "INSERT INTO comment VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
        params![
            id,
            new.issue_id,
            new.author.id,
            new.via_app,
            new.body,
            new.now
        ],
    )?;
    find(db, id)
}

/// Changes the text of a comment.
pub(crate) fn update(db: &Connection, id: u64, body: &str, now: i64) -> Result<(), Error> {
    db.execute(
        "UPDATE comment SET body = ?2, updated_at = ?3 WHERE id = ?1",
        params![id, body, now],
    )?;
    Ok(())
}

/// Removes a comment with its reactions.
pub(crate) fn delete(db: &Connection, id: u64) -> Result<(), Error> {
    db.execute("DELETE FROM reaction WHERE subject_id = ?1", [id])?;
    db.execute("DELETE FROM comment WHERE id = ?1", [id])?;
    Ok(())
}
