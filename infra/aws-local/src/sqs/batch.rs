//! What the three batch operations share.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::error::SqsError;

/// The most entries in one batch.
const MAX_ENTRIES: usize = 10;

/// Checks a batch as a whole: how many entries, and their ids.
pub(super) fn check<'a>(
    ids: impl ExactSizeIterator<Item = &'a str> + Clone,
) -> Result<(), SqsError> {
    if ids.len() == 0 {
        return Err(SqsError::new(
            "EmptyBatchRequest",
            "There should be at least one entry in the request.",
        ));
    }
    if ids.len() > MAX_ENTRIES {
        return Err(SqsError::new(
            "TooManyEntriesInBatchRequest",
            format!(
                "Maximum number of entries per request are {MAX_ENTRIES}. You have sent {}.",
                ids.len()
            ),
        ));
    }
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let mut seen = BTreeSet::new();
    for id in ids {
        if !(1..=80).contains(&id.len()) || !id.chars().all(good) {
            return Err(SqsError::new(
                "InvalidBatchEntryId",
                "A batch entry id can only contain alphanumeric characters, hyphens and \
                 underscores. It can be at most 80 letters long.",
            ));
        }
        if !seen.insert(id) {
            return Err(SqsError::new(
                "BatchEntryIdsNotDistinct",
                format!("Id {id} repeated."),
            ));
        }
    }
    Ok(())
}

/// The entries that worked and those that did not.
#[derive(Default)]
pub(super) struct Results {
    successful: Vec<Value>,
    failed: Vec<Value>,
}

impl Results {
    /// Notes what became of the entry `id`. A success holds what is to be said beside the id.
    pub(super) fn note(&mut self, id: &str, result: Result<Value, SqsError>) {
        match result {
            Ok(mut answer) => {
                answer["Id"] = id.into();
                self.successful.push(answer);
            }
            Err(error) => self.failed.push(error.entry(id)),
        }
    }

    pub(super) fn answer(self) -> Value {
        let mut answer = json!({ "Successful": self.successful });
        if !self.failed.is_empty() {
            answer["Failed"] = self.failed.into();
        }
        answer
    }
}
