//! Issues and pull requests, which share their numbers.

use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use super::accounts::{self, Account};
use super::db::next_id;
use crate::error::Error;

/// An issue, or the issue half of a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Unique over all objects.
    pub id: u64,
    /// The repository it belongs to.
    pub repository_id: u64,
    /// Number within the repository.
    pub number: u64,
    /// One line.
    pub title: String,
    /// Markdown, if any was given.
    pub body: Option<String>,
    /// Who opened it.
    pub author: Account,
    /// Whether the app opened it.
    pub via_app: bool,
    /// Whether it is open.
    pub open: bool,
    /// Why it was closed, or that it was opened again; a pull request has none.
    pub state_reason: Option<StateReason>,
    /// Only people with write access may comment.
    pub locked: bool,
    /// Names of its labels.
    pub labels: Vec<String>,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Seconds since 1970.
    pub updated_at: i64,
    /// Seconds since 1970, while closed.
    pub closed_at: Option<i64>,
    /// What makes it a pull request.
    pub pull: Option<Pull>,
}

/// The half of a pull request that an issue does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pull {
    /// Not ready for review.
    pub draft: bool,
    /// Branch with the changes.
    pub head: String,
    /// Branch they are meant for.
    pub base: String,
    /// Commit of the head as last pushed.
    pub head_sha: String,
    /// Commit of the base when the pull request was opened.
    pub base_sha: String,
    /// That it was merged, if it was.
    pub merge: Option<Merge>,
}

/// That a pull request was merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// Seconds since 1970.
    pub at: i64,
    /// The commit that is on the base since then.
    pub sha: String,
}

/// Why an issue is in the state it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateReason {
    /// Closed, since it is done.
    Completed,
    /// Closed, since nobody will do it.
    NotPlanned,
    /// Closed, since another issue is about the same.
    Duplicate,
    /// Open again.
    Reopened,
}

impl StateReason {
    /// The word GitHub uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::NotPlanned => "not_planned",
            Self::Duplicate => "duplicate",
            Self::Reopened => "reopened",
        }
    }

    /// The reason of this word, if there is one.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        [
            Self::Completed,
            Self::NotPlanned,
            Self::Duplicate,
            Self::Reopened,
        ]
        .into_iter()
        .find(|one| one.as_str() == word)
    }
}

/// What a new issue is made of.
pub(crate) struct NewIssue<'a> {
    pub(crate) repository_id: u64,
    pub(crate) author: &'a Account,
    pub(crate) via_app: bool,
    pub(crate) title: &'a str,
    pub(crate) body: Option<&'a str>,
    pub(crate) now: i64,
}

fn issue(row: &Row<'_>) -> rusqlite::Result<Issue> {
    let labels: Option<String> = row.get("labels")?;
    let head: Option<String> = row.get("head")?;
    let pull = head.map(|head| pull(row, head)).transpose()?;
    let state_reason: Option<String> = row.get("state_reason")?;
    Ok(Issue {
        id: row.get("id")?,
        repository_id: row.get("repository_id")?,
        number: row.get("number")?,
        title: row.get("title")?,
        body: row.get("body")?,
        author: accounts::account(row)?,
        via_app: row.get("via_app")?,
        open: row.get("open")?,
        state_reason: state_reason.as_deref().and_then(StateReason::parse),
        locked: row.get("locked")?,
        labels: labels.map_or_else(Vec::new, |all| all.split('\n').map(str::to_owned).collect()),
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        closed_at: row.get("closed_at")?,
        pull,
    })
}

fn pull(row: &Row<'_>, head: String) -> rusqlite::Result<Pull> {
    let (at, sha): (Option<i64>, Option<String>) = (row.get("merged_at")?, row.get("merge_sha")?);
    Ok(Pull {
        merge: at.zip(sha).map(|(at, sha)| Merge { at, sha }),
        draft: row.get("draft")?,
        head,
        base: row.get("base")?,
        head_sha: row.get("head_sha")?,
        base_sha: row.get("base_sha")?,
    })
}

fn select(condition: &str) -> String {
    format!(
        "SELECT s.*, p.draft, p.head, p.base, p.head_sha, p.base_sha, p.merged_at, p.merge_sha, {},
                (SELECT group_concat(l.name, char(10)) FROM issue_label il
                 JOIN label l ON l.id = il.label_id WHERE il.issue_id = s.id) AS labels
         FROM issue s JOIN account a ON a.id = s.author_id
         LEFT JOIN pull p ON p.issue_id = s.id {condition}",
        accounts::COLUMNS
    )
}

/// The issue or pull request of this number, or [`Error::NotFound`].
pub(crate) fn find(db: &Connection, repository_id: u64, number: u64) -> Result<Issue, Error> {
    let sql = select("WHERE s.repository_id = ?1 AND s.number = ?2");
    db.query_row(&sql, [repository_id, number], issue)
        .optional()?
        .ok_or(Error::NotFound)
}

/// The issue or pull request of this id, or [`Error::NotFound`].
pub(crate) fn by_id(db: &Connection, id: u64) -> Result<Issue, Error> {
    db.query_row(&select("WHERE s.id = ?1"), [id], issue)
        .optional()?
        .ok_or(Error::NotFound)
}

/// All issues and pull requests of a repository, newest first.
pub(crate) fn all(db: &Connection, repository_id: u64) -> Result<Vec<Issue>, Error> {
    list(
        db,
        "WHERE s.repository_id = ?1 ORDER BY s.number DESC",
        [repository_id],
    )
}

/// All pull requests of a repository, newest first.
pub(crate) fn pulls(db: &Connection, repository_id: u64) -> Result<Vec<Issue>, Error> {
    let condition = "WHERE s.repository_id = ?1 AND p.head IS NOT NULL ORDER BY s.number DESC";
    list(db, condition, [repository_id])
}

fn list(db: &Connection, condition: &str, params: impl Params) -> Result<Vec<Issue>, Error> {
    let mut statement = db.prepare_cached(&select(condition))?;
    let rows = statement.query_map(params, issue)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Makes an issue with the next number of its repository.
pub(crate) fn insert(db: &Connection, new: &NewIssue<'_>) -> Result<Issue, Error> {
    let id = next_id(db)?;
    db.execute(
        "INSERT INTO issue (id, repository_id, number, author_id, via_app, title, body,
                            created_at, updated_at)
         SELECT ?1, ?2, coalesce(max(number), 0) + 1, ?3, ?4, ?5, ?6, ?7, ?7
         FROM issue WHERE repository_id = ?2",
        params![
            id,
            new.repository_id,
            new.author.id,
            new.via_app,
            new.title,
            new.body,
            new.now
        ],
    )?;
    by_id(db, id)
}

/// Makes an issue into a pull request.
pub(crate) fn insert_pull(db: &Connection, issue_id: u64, pull: &Pull) -> Result<(), Error> {
    db.execute(
        "INSERT INTO pull (issue_id, draft, head, base, head_sha, base_sha)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            issue_id,
            pull.draft,
            pull.head,
            pull.base,
            pull.head_sha,
            pull.base_sha
        ],
    )?;
    Ok(())
}

/// Writes title, body and state back.
pub(crate) fn update(db: &Connection, issue: &Issue) -> Result<(), Error> {
    db.execute(
        "UPDATE issue SET title = ?2, body = ?3, open = ?4, updated_at = ?5, closed_at = ?6,
                locked = ?7, state_reason = ?8
         WHERE id = ?1",
        params![
            issue.id,
            issue.title,
            issue.body,
            issue.open,
            issue.updated_at,
            issue.closed_at,
            issue.locked,
            issue.state_reason.map(StateReason::as_str),
        ],
    )?;
    Ok(())
}

/// Moves the head of a pull request after a push.
pub(crate) fn set_head(db: &Connection, issue_id: u64, sha: &str, now: i64) -> Result<(), Error> {
    db.execute(
        "UPDATE pull SET head_sha = ?2 WHERE issue_id = ?1",
        params![issue_id, sha],
    )?;
    db.execute(
        "UPDATE issue SET updated_at = ?2 WHERE id = ?1",
        params![issue_id, now],
    )?;
    Ok(())
}
