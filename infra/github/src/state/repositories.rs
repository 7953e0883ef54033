//! Repositories; their content is in bare git repositories beside the state file.

use rusqlite::{Connection, OptionalExtension, Row, params};

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
    /// What else its owner has turned on.
    on: Vec<Setting>,
    /// Branches that a ruleset covers, as a pattern with `*`; the app may not push to them.
    pub(crate) rule: Option<String>,
    /// The app's installation on the owner, unless this repository is left out of it.
    pub(crate) installation_id: Option<u64>,
    pub(crate) default_branch: String,
    pub(crate) created_at: i64,
}

impl Repository {
    /// A repository that is about to be made: private, installed nowhere, in no state file yet.
    pub(crate) fn draft(owner: Account, name: String, created_at: i64) -> Self {
        Self {
            id: 0,
            owner,
            name,
            private: true,
            protected: false,
            on: vec![Setting::Drafts, Setting::Issues],
            rule: None,
            installation_id: None,
            default_branch: "main".to_owned(),
            created_at,
        }
    }

    /// Whether its owner has turned this on.
    pub(crate) fn has(&self, setting: Setting) -> bool {
        match setting {
            Setting::Private => self.private,
            Setting::Protected => self.protected,
            Setting::Installed => self.installation_id.is_some(),
            other => self.on.contains(&other),
        }
    }

    pub(crate) fn full_name(&self) -> String {
        format!("{}/{}", self.owner.login, self.name)
    }

    /// Where the bare repository lies under the directory of repositories.
    pub(crate) fn git_path(&self) -> String {
        format!("{}/{}.git", self.owner.login, self.name)
    }
}

fn repository(row: &Row<'_>) -> rusqlite::Result<Repository> {
    let mut on = Vec::new();
    for setting in [
        Setting::Archived,
        Setting::Drafts,
        Setting::Issues,
        Setting::PushProtection,
    ] {
        if row.get(setting.column())? {
            on.push(setting);
        }
    }
    let installed: bool = row.get("installed")?;
    let installation: Option<u64> = row.get("installation_id")?;
    Ok(Repository {
        id: row.get("id")?,
        owner: accounts::account(row)?,
        name: row.get("name")?,
        private: row.get("private")?,
        protected: row.get("protected")?,
        on,
        rule: row.get("rule")?,
        installation_id: installation.filter(|_| installed),
        default_branch: row.get("default_branch")?,
        created_at: row.get("created_at")?,
    })
}

fn select(condition: &str) -> String {
    format!(
        "SELECT r.id, r.name, r.private, r.protected, r.installed, r.archived, r.drafts, r.has_issues,
                r.push_protection, r.rule, r.default_branch, r.created_at,
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

/// Something about a repository that its owner turns on and off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Setting {
    /// Only people with a role may read it. On for a new repository.
    Private,
    /// The app may not push to the default branch.
    Protected,
    /// The app's installation covers it. On for a new repository.
    Installed,
    /// It can be read and nothing else.
    Archived,
    /// Pull requests may be drafts, which no private repository of a free plan has. On for a new
    /// repository.
    Drafts,
    /// It has issues. On for a new repository.
    Issues,
    /// Pushes that hold secrets are refused.
    PushProtection,
}

impl Setting {
    fn column(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Protected => "protected",
            Self::Installed => "installed",
            Self::Archived => "archived",
            Self::Drafts => "drafts",
            Self::Issues => "has_issues",
            Self::PushProtection => "push_protection",
        }
    }
}

/// Turns a setting on or off.
pub(crate) fn set(db: &Connection, id: u64, setting: Setting, on: bool) -> Result<(), Error> {
    let column = setting.column();
    let sql = format!("UPDATE repository SET {column} = ?2 WHERE id = ?1");
    db.execute(&sql, params![id, on])?;
    Ok(())
}

/// Lets a ruleset cover the branches of this pattern, or none.
pub(crate) fn set_rule(db: &Connection, id: u64, pattern: Option<&str>) -> Result<(), Error> {
    let sql = "UPDATE repository SET rule = ?2 WHERE id = ?1";
    db.execute(sql, params![id, pattern])?;
    Ok(())
}
