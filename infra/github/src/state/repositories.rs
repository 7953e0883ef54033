//! Repositories; their content is in bare git repositories beside the state file.

use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

use super::accounts::{self, Account};
use super::db::next_id;
use crate::error::Error;

/// One repository.
#[derive(Clone, Debug)]
pub(crate) struct Repository {
    pub(crate) id: u64,
    pub(crate) owner: Account,
    pub(crate) name: String,
    pub(crate) private: bool,
    /// The app may not push to the default branch.
    pub(crate) protected: bool,
    /// The app's installation on the owner, unless this repository is left out of it.
    pub(crate) installation_id: Option<u64>,
    pub(crate) default_branch: String,
    pub(crate) created_at: i64,
}

impl Repository {
    pub(crate) fn full_name(&self) -> String {
        format!("{}/{}", self.owner.login, self.name)
    }

    /// Where the bare repository lies under the directory of repositories.
    pub(crate) fn git_path(&self) -> String {
        format!("{}/{}.git", self.owner.login, self.name)
    }
}

fn repository(row: &Row<'_>) -> rusqlite::Result<Repository> {
    let installed: bool = row.get("installed")?;
    let installation: Option<u64> = row.get("installation_id")?;
    Ok(Repository {
        id: row.get("id")?,
        owner: accounts::account(row)?,
        name: row.get("name")?,
        private: row.get("private")?,
        protected: row.get("protected")?,
        installation_id: installation.filter(|_| installed),
        default_branch: row.get("default_branch")?,
        created_at: row.get("created_at")?,
    })
}

fn select(condition: &str) -> String {
    format!(
        "SELECT r.id, r.name, r.private, r.protected, r.installed, r.default_branch, r.created_at,
                i.id AS installation_id, {}
         FROM repository r JOIN account a ON a.id = r.owner_id
         LEFT JOIN installation i ON i.account_id = r.owner_id {condition}",
        accounts::COLUMNS
    )
}

/// The repository of this owner and name, or [`Error::NotFound`].
pub(crate) fn find(db: &Connection, owner: &str, name: &str) -> Result<Repository, Error> {
    let sql = select("WHERE a.login = ?1 AND r.name = ?2");
    db.query_row(&sql, [owner, name], repository)
        .optional()?
        .ok_or(Error::NotFound)
}

/// The repository of this id, or [`Error::NotFound`].
pub(crate) fn by_id(db: &Connection, id: u64) -> Result<Repository, Error> {
    db.query_row(&select("WHERE r.id = ?1"), [id], repository)
        .optional()?
        .ok_or(Error::NotFound)
}

/// The repository named `owner/name`, or [`Error::NotFound`].
pub(crate) fn by_full_name(db: &Connection, full_name: &str) -> Result<Repository, Error> {
    let (owner, name) = full_name.split_once('/').ok_or(Error::NotFound)?;
    find(db, owner, name)
}

/// All repositories, by name.
pub(crate) fn all(db: &Connection) -> Result<Vec<Repository>, Error> {
    let mut statement = db.prepare_cached(&select("ORDER BY a.login, r.name"))?;
    let rows = statement.query_map([], repository)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Makes a private repository with the default branch `main`.
pub(crate) fn insert(db: &Connection, owner: &Account, name: &str, now: i64) -> Result<u64, Error> {
    let id = next_id(db)?;
    db.execute(
        "INSERT INTO repository (id, owner_id, name, default_branch, created_at)
         VALUES (?1, ?2, ?3, 'main', ?4)",
        params![id, owner.id, name, now],
    )?;
    Ok(id)
}

/// A setting of a repository that can be turned on and off.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Setting {
    Private,
    Protected,
    Installed,
}

/// Turns a setting on or off.
pub(crate) fn set(db: &Connection, id: u64, setting: Setting, on: bool) -> Result<(), Error> {
    let sql = match setting {
        Setting::Private => "UPDATE repository SET private = ?2 WHERE id = ?1",
        Setting::Protected => "UPDATE repository SET protected = ?2 WHERE id = ?1",
        Setting::Installed => "UPDATE repository SET installed = ?2 WHERE id = ?1",
    };
    db.execute(sql, [&id as &dyn ToSql, &on])?;
    Ok(())
}
