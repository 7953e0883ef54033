//! Tables and settings of the state file.

use rusqlite::Connection;

use super::growth::STEPS;

/// The version of a file that has only [`TABLES`]; each step adds one. A file of a later version than
/// this program knows is refused.
const FIRST: i64 = 1;

const TABLES: &str = "
CREATE TABLE sequence (value INTEGER NOT NULL);
INSERT INTO sequence VALUES (3000000000);

CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    login TEXT NOT NULL UNIQUE COLLATE NOCASE,
    kind TEXT NOT NULL
);

CREATE TABLE installation (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL UNIQUE REFERENCES account (id),
    created_at INTEGER NOT NULL
);

CREATE TABLE repository (
    id INTEGER PRIMARY KEY,
    owner_id INTEGER NOT NULL REFERENCES account (id),
    name TEXT NOT NULL COLLATE NOCASE,
    private INTEGER NOT NULL DEFAULT 1,
    protected INTEGER NOT NULL DEFAULT 0,
    installed INTEGER NOT NULL DEFAULT 1,
    default_branch TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (owner_id, name)
);

CREATE TABLE collaborator (
    repository_id INTEGER NOT NULL REFERENCES repository (id),
    account_id INTEGER NOT NULL REFERENCES account (id),
    permission TEXT NOT NULL,
    PRIMARY KEY (repository_id, account_id)
);

CREATE TABLE git_ref (
    repository_id INTEGER NOT NULL REFERENCES repository (id),
    name TEXT NOT NULL,
    sha TEXT NOT NULL,
    PRIMARY KEY (repository_id, name)
);

CREATE TABLE issue (
    id INTEGER PRIMARY KEY,
    repository_id INTEGER NOT NULL REFERENCES repository (id),
    number INTEGER NOT NULL,
    author_id INTEGER NOT NULL REFERENCES account (id),
    via_app INTEGER NOT NULL,
    title TEXT NOT NULL,
    body TEXT,
    open INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    closed_at INTEGER,
    UNIQUE (repository_id, number)
);

CREATE TABLE pull (
    issue_id INTEGER PRIMARY KEY REFERENCES issue (id),
    draft INTEGER NOT NULL,
    head TEXT NOT NULL,
    base TEXT NOT NULL,
    head_sha TEXT NOT NULL,
    base_sha TEXT NOT NULL
);

CREATE TABLE comment (
    id INTEGER PRIMARY KEY,
    issue_id INTEGER NOT NULL REFERENCES issue (id),
    author_id INTEGER NOT NULL REFERENCES account (id),
    via_app INTEGER NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX comment_of_issue ON comment (issue_id);

CREATE TABLE label (
    id INTEGER PRIMARY KEY,
    repository_id INTEGER NOT NULL REFERENCES repository (id),
    name TEXT NOT NULL COLLATE NOCASE,
    UNIQUE (repository_id, name)
);

CREATE TABLE issue_label (
    issue_id INTEGER NOT NULL REFERENCES issue (id),
    label_id INTEGER NOT NULL REFERENCES label (id),
    PRIMARY KEY (issue_id, label_id)
);

CREATE TABLE reaction (
    id INTEGER PRIMARY KEY,
    subject_id INTEGER NOT NULL,
    account_id INTEGER NOT NULL REFERENCES account (id),
    content TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (subject_id, account_id, content)
);

CREATE TABLE token (
    hash TEXT PRIMARY KEY,
    installation_id INTEGER NOT NULL REFERENCES installation (id),
    permissions TEXT NOT NULL,
    repositories TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE delivery (
    id INTEGER PRIMARY KEY,
    guid TEXT NOT NULL,
    event TEXT NOT NULL,
    action TEXT,
    installation_id INTEGER,
    repository_id INTEGER,
    redelivery INTEGER NOT NULL,
    payload TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    delivered_at INTEGER,
    duration_ms INTEGER,
    status TEXT,
    status_code INTEGER,
    request_headers TEXT,
    response_headers TEXT,
    response_body TEXT
);
CREATE INDEX delivery_of_guid ON delivery (guid);
CREATE INDEX delivery_pending ON delivery (id) WHERE status IS NULL;
";

/// Sets durability and makes the tables of a new file.
pub(crate) fn prepare(connection: &mut Connection) -> Result<(), rusqlite::Error> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    let transaction = connection.transaction()?;
    let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version == 0 {
        transaction.execute_batch(TABLES)?;
    }
    let unknown = || rusqlite::Error::IntegralValueOutOfRange(0, version);
    let taken = usize::try_from(version.max(FIRST) - FIRST).map_err(|_| unknown())?;
    let missing = STEPS.get(taken..).ok_or_else(unknown)?;
    for (latest, step) in (version.max(FIRST) + 1..).zip(missing) {
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", latest)?;
    }
    transaction.commit()
}
