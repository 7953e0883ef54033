//! Runs with what is kept beside their heads, for whoever looks at them.

use domain::{DefinitionName, Run, RunHead, RunKey, SubjectKey};

use crate::{Store, StoreError, versioned::Versioned};

impl Store {
    /// A run with its step and where it is told. The items are read one after the other.
    pub async fn run(&self, key: &RunKey) -> Result<Option<Run>, StoreError> {
        match self.head(key).await? {
            Some(head) => Box::pin(self.with_items(head)).await.map(Some),
            None => Ok(None),
        }
    }

    /// The newest runs of a definition on a subject, newest first.
    pub async fn newest_runs(
        &self,
        subject: &SubjectKey,
        name: DefinitionName,
        limit: i32,
    ) -> Result<Vec<Run>, StoreError> {
        let mut runs = Vec::new();
        for head in self.newest_heads(subject, name, limit).await? {
            runs.push(Box::pin(self.with_items(head)).await?);
        }
        Ok(runs)
    }

    async fn with_items(&self, head: RunHead) -> Result<Run, StoreError> {
        let key = head.key();
        let step = self.step(&key, &RunHead::only_step()).await?;
        let place = self.tracking_place(&key).await?;
        Ok(Run::new(
            head,
            step.map(Versioned::into_value),
            place.map(Versioned::into_value),
        ))
    }
}
