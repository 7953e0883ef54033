//! Installation tokens, kept only as hashes.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::error::Error;

/// Permission name to `read` or `write`.
pub(crate) type Permissions = BTreeMap<String, String>;

/// What a token is good for.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) hash: String,
    pub(crate) installation_id: u64,
    pub(crate) permissions: Permissions,
    /// Repository ids, or all of the installation.
    pub(crate) repositories: Option<Vec<u64>>,
    pub(crate) created_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) revoked: bool,
}

struct TokenRow {
    token: Token,
    permissions: String,
    repositories: Option<String>,
}

fn token_row(row: &Row<'_>) -> rusqlite::Result<TokenRow> {
    Ok(TokenRow {
        permissions: row.get("permissions")?,
        repositories: row.get("repositories")?,
        token: Token {
            hash: row.get("hash")?,
            installation_id: row.get("installation_id")?,
            permissions: Permissions::new(),
            repositories: None,
            created_at: row.get("created_at")?,
            expires_at: row.get("expires_at")?,
            revoked: row.get("revoked")?,
        },
    })
}

fn decode(row: TokenRow) -> Result<Token, Error> {
    let repositories = row
        .repositories
        .as_deref()
        .map(serde_json::from_str)
        .transpose()?;
    let permissions = serde_json::from_str(&row.permissions)?;
    Ok(Token {
        permissions,
        repositories,
        ..row.token
    })
}

/// The token of this hash, if it was ever minted.
pub(crate) fn find(db: &Connection, hash: &str) -> Result<Option<Token>, Error> {
    let sql = "SELECT * FROM token WHERE hash = ?1";
    db.query_row(sql, [hash], token_row)
        .optional()?
        .map(decode)
        .transpose()
}

/// Every token ever minted, oldest first.
pub(crate) fn all(db: &Connection) -> Result<Vec<Token>, Error> {
    let mut statement = db.prepare_cached("SELECT * FROM token ORDER BY rowid")?;
    let rows: Vec<TokenRow> = statement
        .query_map([], token_row)?
        .collect::<Result<_, _>>()?;
    rows.into_iter().map(decode).collect()
}

/// Keeps a fresh token.
pub(crate) fn insert(db: &Connection, token: &Token) -> Result<(), Error> {
    let repositories = token
        .repositories
        .as_ref()
        .map(serde_json::to_string)
        .transpose()?;
    db.execute(
        "INSERT INTO token VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            token.hash,
            token.installation_id,
            serde_json::to_string(&token.permissions)?,
            repositories,
            token.created_at,
            token.expires_at,
            token.revoked,
        ],
    )?;
    Ok(())
}

/// Makes a token useless.
pub(crate) fn revoke(db: &Connection, hash: &str) -> Result<(), Error> {
    db.execute("UPDATE token SET revoked = 1 WHERE hash = ?1", [hash])?;
    Ok(())
}
