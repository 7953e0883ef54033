//! People, organisations and bots.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::db::next_id;
use crate::error::Error;

/// What an account is; GitHub calls it `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// A person.
    User,
    /// An organisation.
    Organization,
    /// The app's own account.
    Bot,
}

impl AccountKind {
    /// The word GitHub uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Organization => "Organization",
            Self::Bot => "Bot",
        }
    }
}

impl ToSql for AccountKind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for AccountKind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "User" => Ok(Self::User),
            "Organization" => Ok(Self::Organization),
            "Bot" => Ok(Self::Bot),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// A person, an organisation or a bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Unique over all accounts.
    pub id: u64,
    /// Name, unique whatever its case.
    pub login: String,
    /// What it is.
    pub kind: AccountKind,
}

/// The columns that [`account`] reads, for an `account` table aliased `a`.
pub(crate) const COLUMNS: &str =
    "a.id AS account_id, a.login AS account_login, a.kind AS account_kind";

/// Reads an account out of a joined row.
pub(crate) fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        id: row.get("account_id")?,
        login: row.get("account_login")?,
        kind: row.get("account_kind")?,
    })
}

/// The account of this login, if there is one.
pub(crate) fn by_login(db: &Connection, login: &str) -> Result<Option<Account>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM account a WHERE a.login = ?1");
    Ok(db.query_row(&sql, [login], account).optional()?)
}

/// The account of this login, or [`Error::NotFound`].
pub(crate) fn find(db: &Connection, login: &str) -> Result<Account, Error> {
    by_login(db, login)?.ok_or(Error::NotFound)
}

/// The account of this login, made if there is none yet.
pub(crate) fn ensure(db: &Connection, login: &str, kind: AccountKind) -> Result<Account, Error> {
    if let Some(account) = by_login(db, login)? {
        return Ok(account);
    }
    let id = next_id(db)?;
    db.execute(
        "INSERT INTO account VALUES (?1, ?2, ?3)",
        params![id, login, kind],
    )?;
    Ok(Account {
        id,
        login: login.to_owned(),
        kind,
    })
}

/// All people, by name.
pub(crate) fn people(db: &Connection) -> Result<Vec<Account>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM account a WHERE a.kind = 'User' ORDER BY a.login");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([], account)?;
    Ok(rows.collect::<Result<_, _>>()?)
}
