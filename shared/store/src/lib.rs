//! DynamoDB: typed keys, private records, conditional writes, the table definition.
//!
//! One table holds everything. What is read from it is untrusted input: every record is checked on its way
//! into the domain, and a record that makes no sense is [`StoreError::Corrupt`], never a guess. Every write
//! states its precondition, and a failed precondition is a typed answer. No other crate formats a key.

mod answers;
mod asks;
mod briefs;
mod deliveries;
mod due;
mod error;
mod events;
mod findings;
mod gaps;
#[cfg(test)]
mod golden_tests;
mod heads;
mod item;
pub mod keys;
mod record;
mod runs;
mod steps;
mod stops;
mod table;
mod tracking_places;
mod versioned;

use aws_sdk_dynamodb::Client;
use domain::SharedRandom;

pub use answers::Spoken;
pub use briefs::Brief;
pub use due::{Due, DueLook};
pub use error::StoreError;
pub use events::EventBatch;
pub use gaps::{GapLook, GapTurn};
pub use heads::HeadWritten;
pub use item::key_of;
pub use steps::Prepared;
pub use table::{Index, SortKind, TableDefinition, definition};
pub use versioned::{Swap, Versioned};

/// The table.
#[derive(Clone, Debug)]
pub struct Store {
    client: Client,
    table: String,
    random: SharedRandom,
}

impl Store {
    /// The table of that name, reached through `client`. The randomness tells writes apart.
    pub fn new(client: Client, table: impl Into<String>, random: SharedRandom) -> Self {
        Self {
            client,
            table: table.into(),
            random,
        }
    }

    /// Opens the connection before the first request needs it. The answer does not matter.
    pub async fn warm_up(&self) {
        let key = keys::Key {
            pk: "WARM".to_owned(),
            sk: "WARM".to_owned(),
        };
        if let Err(error) = self.read(&key).await {
            tracing::warn!(%error, "the table could not be reached while warming up");
        }
    }
}
