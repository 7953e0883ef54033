//! What the engine leaves undone in its file: it keeps stream records for ever and reads them without
//! an index, so that each write would take longer than the one before.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, params};

use crate::clock::{Clock, now_ms};
use crate::db::Db;

/// How long DynamoDB keeps stream records, in seconds.
const KEPT_SECONDS: i64 = 24 * 60 * 60;

const INDEX: &str = "CREATE INDEX IF NOT EXISTS stream_records_in_order
    ON _stream_records (table_name, shard_id, CAST(sequence_number AS INTEGER));
    CREATE INDEX IF NOT EXISTS stream_records_by_table
    ON _stream_records (table_name, CAST(sequence_number AS INTEGER));";

/// Adds the index, and removes the records that are older than a day and that every reader of their
/// table has passed. Records nobody has read stay, however old: a laptop sleeps longer than AWS does.
pub(super) fn tend(path: &Path, checkpoints: &Db, clock: &Clock) -> rusqlite::Result<()> {
    let tables = Connection::open(path)?;
    tables.busy_timeout(Duration::from_secs(5))?;
    tables.execute_batch(INDEX)?;
    let oldest = now_ms(clock) / 1000 - KEPT_SECONDS;
    for (table, passed) in passed(checkpoints)? {
        let gone = tables.execute(
            "DELETE FROM _stream_records WHERE table_name = ?1 AND created_at < ?2
                AND CAST(sequence_number AS INTEGER) < ?3",
            params![table, oldest, passed],
        )?;
        tracing::debug!(table, gone, "old stream records are removed");
    }
    Ok(())
}

/// How far the slowest reader of each table has come, in the engine's own numbers.
fn passed(checkpoints: &Db) -> rusqlite::Result<Vec<(String, i64)>> {
    checkpoints.transaction(|transaction| {
        let mut statement = transaction.prepare(
            "SELECT table_name, MIN(sequence_number) FROM checkpoints GROUP BY table_name",
        )?;
        let rows = statement.query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })?;
        let mut found = Vec::new();
        for row in rows {
            let (table, public) = row?;
            if let Some(stored) = stored_number(&public) {
                found.push((table, stored));
            }
        }
        Ok(found)
    })
}

/// The number the engine stores for the one it shows, which is 21 digits long and begins with a 1.
fn stored_number(public: &str) -> Option<i64> {
    public
        .strip_prefix('1')
        .filter(|digits| digits.len() == 20)?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn a_shown_sequence_number_is_turned_into_the_stored_one() {
        assert_eq!(
            stored_number("100001761000000000000"),
            Some(1_761_000_000_000_000)
        );
        assert_eq!(stored_number("17"), None);
    }

    #[test]
    fn old_records_go_once_every_reader_has_passed_them() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("tables.sqlite");
        let engine = dynoxide::Database::new(path.to_str().unwrap()).unwrap();
        let now = 1_800_000_000;
        let tables = Connection::open(&path).unwrap();
        for (table, number, made) in [
            ("read", 5, now - KEPT_SECONDS - 1),
            ("read", 6, now - KEPT_SECONDS - 1),
            ("read", 7, now - KEPT_SECONDS - 1),
            ("young", 5, now),
            ("unread", 5, 0),
        ] {
            let insert = "INSERT INTO _stream_records (table_name, event_name, keys_json,
                sequence_number, shard_id, created_at) VALUES (?1, 'INSERT', '{}', ?2, 's', ?3)";
            tables
                .execute(insert, params![table, number, made])
                .unwrap();
        }
        let db = Db::open(None).unwrap();
        for (table, consumer, number) in [
            ("read", "slow", 7),
            ("read", "fast", 9),
            ("young", "one", 9),
        ] {
            let number = (100_000_000_000_000_000_000_u128 + number).to_string();
            let insert = "INSERT INTO checkpoints VALUES (?1, ?2, ?3)";
            db.transaction(|tx| tx.execute(insert, params![table, consumer, number]))
                .unwrap();
        }
        let clock = ManualClock::new(jiff::Timestamp::from_second(now).unwrap()).clock();
        tend(&path, &db, &clock).unwrap();
        tend(&path, &db, &clock).unwrap();
        let left = tables
            .prepare("SELECT table_name || sequence_number FROM _stream_records ORDER BY 1")
            .unwrap()
            .query_map([], |row| row.get::<_, String>(0))
            .unwrap()
            .collect::<Result<Vec<_>, _>>()
            .unwrap();
        assert_eq!(left, ["read7", "unread5", "young5"]);
        drop(engine);
    }
}
