//! Reactions to comments and issues. Ids are unique over all objects, so one column names either.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::accounts::{self, Account};
use super::db::next_id;
use crate::error::Error;

/// Every reaction there is, with the sign shown for it.
pub(crate) const CONTENTS: [(&str, &str); 8] = [
    ("+1", "👍"),
    ("-1", "👎"),
    ("laugh", "😄"),
    ("confused", "😕"),
    ("heart", "❤️"),
    ("hooray", "🎉"),
    ("rocket", "🚀"),
    ("eyes", "👀"),
];

/// One person's reaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    /// Unique over all objects.
    pub id: u64,
    /// Who reacted.
    pub author: Account,
    /// `+1`, `-1`, `laugh`, `confused`, `heart`, `hooray`, `rocket` or `eyes`.
    pub content: String,
    /// Seconds since 1970.
    pub created_at: i64,
}

fn reaction(row: &Row<'_>) -> rusqlite::Result<Reaction> {
    Ok(Reaction {
        id: row.get("id")?,
        author: accounts::account(row)?,
        content: row.get("content")?,
        created_at: row.get("created_at")?,
    })
}

fn select(condition: &str) -> String {
    format!(
        "SELECT r.id, r.content, r.created_at, {} FROM reaction r
         JOIN account a ON a.id = r.account_id {condition}",
        accounts::COLUMNS
    )
}

/// The reactions to a comment or an issue, oldest first.
pub(crate) fn of_subject(db: &Connection, subject_id: u64) -> Result<Vec<Reaction>, Error> {
    let mut statement = db.prepare_cached(&select("WHERE r.subject_id = ?1 ORDER BY r.id"))?;
    let rows = statement.query_map([subject_id], reaction)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Reacts, and says whether that is new.
pub(crate) fn add(
    db: &Connection,
    subject_id: u64,
    author: &Account,
    content: &str,
    now: i64,
) -> Result<(Reaction, bool), Error> {
    let sql = select("WHERE r.subject_id = ?1 AND r.account_id = ?2 AND r.content = ?3");
    let found = db
        .query_row(&sql, params![subject_id, author.id, content], reaction)
        .optional()?;
    if let Some(reaction) = found {
        return Ok((reaction, false));
    }
    let id = next_id(db)?;
    db.execute(
        "INSERT INTO reaction VALUES (?1, ?2, ?3, ?4, ?5)",
        params![id, subject_id, author.id, content, now],
    )?;
    let (author, content) = (author.clone(), content.to_owned());
    Ok((
        Reaction {
            id,
            author,
            content,
            created_at: now,
        },
        true,
    ))
}

/// Takes a reaction back; false if this account has none of this id there.
pub(crate) fn remove(
    db: &Connection,
    subject_id: u64,
    author: &Account,
    id: u64,
) -> Result<bool, Error> {
    let sql = "DELETE FROM reaction WHERE id = ?1 AND subject_id = ?2 AND account_id = ?3";
    Ok(db.execute(sql, [id, subject_id, author.id])? == 1)
}
