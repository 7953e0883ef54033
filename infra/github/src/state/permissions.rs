//! What a person may do in a repository.

use rusqlite::{Connection, OptionalExtension, params};

use super::accounts::Account;
use super::repositories::Repository;
use crate::error::Error;

/// A person's role in a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// No access beyond what everyone has.
    None,
    /// May read.
    Read,
    /// May manage issues.
    Triage,
    /// May push.
    Write,
    /// May manage the repository.
    Maintain,
    /// May do everything.
    Admin,
}

impl Permission {
    /// The role's name, as in `role_name`.
    pub fn role_name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Read => "read",
            Self::Triage => "triage",
            Self::Write => "write",
            Self::Maintain => "maintain",
            Self::Admin => "admin",
        }
    }

    /// The older, coarser name, as in `permission`: triage counts as read, maintain as write.
    pub fn legacy_name(self) -> &'static str {
        match self {
            Self::Triage => "read",
            Self::Maintain => "write",
            other => other.role_name(),
        }
    }

    fn parse(name: &str) -> Result<Self, Error> {
        [
            Self::None,
            Self::Read,
            Self::Triage,
            Self::Write,
            Self::Maintain,
            Self::Admin,
        ]
        .into_iter()
        .find(|permission| permission.role_name() == name)
        .ok_or_else(|| Error::Corrupt(format!("permission {name}")))
    }
}

/// Gives a person this role and takes the former one away.
pub(crate) fn set(
    db: &Connection,
    repository: &Repository,
    account: &Account,
    permission: Permission,
) -> Result<(), Error> {
    db.execute(
        "INSERT OR REPLACE INTO collaborator VALUES (?1, ?2, ?3)",
        params![repository.id, account.id, permission.role_name()],
    )?;
    Ok(())
}

/// The role a person was given, if any; the owner is always administrator.
pub(crate) fn given(
    db: &Connection,
    repository: &Repository,
    account: &Account,
) -> Result<Option<Permission>, Error> {
    if repository.owner.id == account.id {
        return Ok(Some(Permission::Admin));
    }
    let sql = "SELECT permission FROM collaborator WHERE repository_id = ?1 AND account_id = ?2";
    let name: Option<String> = db
        .query_row(sql, params![repository.id, account.id], |row| row.get(0))
        .optional()?;
    name.map(|name| Permission::parse(&name)).transpose()
}

/// What a person may do: the given role, else what visibility allows everyone.
pub(crate) fn effective(
    db: &Connection,
    repository: &Repository,
    account: &Account,
) -> Result<Permission, Error> {
    let everyone = if repository.private {
        Permission::None
    } else {
        Permission::Read
    };
    Ok(given(db, repository, account)?
        .unwrap_or(everyone)
        .max(everyone))
}

/// GitHub's `author_association` of a person to a repository.
pub(crate) fn association(
    db: &Connection,
    repository: &Repository,
    account: &Account,
) -> Result<&'static str, Error> {
    if repository.owner.id == account.id {
        return Ok("OWNER");
    }
    let given = given(db, repository, account)?;
    Ok(if given.is_some_and(|role| role > Permission::None) {
        "COLLABORATOR"
    } else {
        "NONE"
    })
}
