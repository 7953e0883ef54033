//! What an investigation found, in an item of its own so that the run stays small.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Fence, RunKey};
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    item::{Condition, item, record},
    keys::Name,
};

#[derive(Debug, Serialize, Deserialize)]
struct FindingsRecord {
    fence: Fence,
    text: String,
}

impl Store {
    /// Stores findings made under a lease. The precondition is that none of a newer lease are there.
    pub async fn put_findings(
        &self,
        run: &RunKey,
        fence: Fence,
        text: &str,
    ) -> Result<(), StoreError> {
        let name = Name::Findings(run.clone());
        let record = FindingsRecord {
            fence,
            text: text.to_owned(),
        };
        let condition = Condition {
            expression: "attribute_not_exists(pk) OR fence <= :fence",
            values: vec![(":fence", AttributeValue::N(fence.0.to_string()))],
        };
        self.put(item(&name.key(), &record)?, condition).await?;
        Ok(())
    }

    /// The findings of a run, untrusted.
    pub async fn findings(&self, run: &RunKey) -> Result<Option<String>, StoreError> {
        let found = self.read(&Name::Findings(run.clone()).key()).await?;
        Ok(found
            .map(record::<FindingsRecord>)
            .transpose()?
            .map(|record| record.text))
    }
}
