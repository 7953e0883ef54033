//! Reviews of pull requests and the comments on lines that belong to them.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::accounts::{self, Account};
use super::db::next_id;
use crate::error::Error;

/// One review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Unique over all objects.
    pub id: u64,
    /// The pull request.
    pub issue_id: u64,
    /// Who reviewed.
    pub author: Account,
    /// `APPROVED`, `CHANGES_REQUESTED`, `COMMENTED` or `DISMISSED`.
    pub state: String,
    /// Markdown; may be empty.
    pub body: String,
    /// The commit that was reviewed.
    pub sha: String,
    /// Seconds since 1970.
    pub submitted_at: i64,
}

/// A comment on lines of a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewComment {
    /// Unique over all objects.
    pub id: u64,
    /// The pull request.
    pub issue_id: u64,
    /// The review it belongs to.
    pub review_id: u64,
    /// Who wrote it.
    pub author: Account,
    /// The first comment of its thread, unless it is that one.
    pub in_reply_to: Option<u64>,
    /// Markdown.
    pub body: String,
    /// The file.
    pub path: String,
    /// The commit that it is about.
    pub sha: String,
    /// The last line it is about; none if it is about the file.
    pub line: Option<u64>,
    /// The first line, if there are several.
    pub start_line: Option<u64>,
    /// `LEFT` for what was there before, `RIGHT` for what is there now.
    pub side: String,
    /// The end of the change that it is about.
    pub diff_hunk: String,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Seconds since 1970.
    pub updated_at: i64,
}

fn review(row: &Row<'_>) -> rusqlite::Result<Review> {
    Ok(Review {
        id: row.get("id")?,
        issue_id: row.get("issue_id")?,
        author: accounts::account(row)?,
        state: row.get("state")?,
        body: row.get("body")?,
        sha: row.get("sha")?,
        submitted_at: row.get("submitted_at")?,
    })
}

fn comment(row: &Row<'_>) -> rusqlite::Result<ReviewComment> {
    Ok(ReviewComment {
        id: row.get("id")?,
        issue_id: row.get("issue_id")?,
        review_id: row.get("review_id")?,
        author: accounts::account(row)?,
        in_reply_to: row.get("in_reply_to")?,
        body: row.get("body")?,
        path: row.get("path")?,
        sha: row.get("sha")?,
        line: row.get("line")?,
        start_line: row.get("start_line")?,
        side: row.get("side")?,
        diff_hunk: row.get("diff_hunk")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

fn select(table: &str, condition: &str) -> String {
    format!(
        "SELECT t.*, {} FROM {table} t JOIN account a ON a.id = t.author_id WHERE {condition}",
        accounts::COLUMNS
    )
}

/// The reviews of a pull request, oldest first.
pub(crate) fn of_pull(db: &Connection, issue_id: u64) -> Result<Vec<Review>, Error> {
    let sql = select("review", "t.issue_id = ?1 ORDER BY t.id");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([issue_id], review)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The review of this id, or [`Error::NotFound`].
pub(crate) fn find(db: &Connection, id: u64) -> Result<Review, Error> {
    db.query_row(&select("review", "t.id = ?1"), [id], review)
        .optional()?
        .ok_or(Error::NotFound)
}

/// Keeps a review under a fresh id, which its own does not matter for.
pub(crate) fn insert(db: &Connection, new: &Review) -> Result<u64, Error> {
    let id = next_id(db)?;
    db.execute(
        "INSERT INTO review VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            id,
            new.issue_id,
            new.author.id,
            new.state,
            new.body,
            new.sha,
            new.submitted_at
        ],
    )?;
    Ok(id)
}

/// The comments on lines of a pull request, oldest first.
pub(crate) fn comments(db: &Connection, issue_id: u64) -> Result<Vec<ReviewComment>, Error> {
    let sql = select("review_comment", "t.issue_id = ?1 ORDER BY t.id");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([issue_id], comment)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The comment of this id, or [`Error::NotFound`].
pub(crate) fn comment_of(db: &Connection, id: u64) -> Result<ReviewComment, Error> {
    db.query_row(&select("review_comment", "t.id = ?1"), [id], comment)
        .optional()?
        .ok_or(Error::NotFound)
}

/// Keeps a comment under a fresh id, which its own does not matter for.
pub(crate) fn insert_comment(db: &Connection, new: &ReviewComment) -> Result<u64, Error> {
    let id = next_id(db)?;
    db.execute(
        "INSERT INTO review_comment
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        params![
            id,
            new.issue_id,
            new.review_id,
            new.author.id,
            new.in_reply_to,
            new.body,
            new.path,
            new.sha,
            new.line,
            new.start_line,
            new.side,
            new.diff_hunk,
            new.created_at,
            new.updated_at,
        ],
    )?;
    Ok(id)
}
