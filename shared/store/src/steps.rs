//! Step attempts: what runs wait for.

use domain::{RunKey, StepAttempt, StepRef};

use crate::{
    Store, StoreError,
    keys::Name,
    record::StepRecord,
    versioned::{Swap, Versioned},
};

/// What became of a step that was to be prepared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prepared {
    /// It is there as it was to be, and nothing of it has begun.
    Ready,
    /// Another one was prepared on the same version.
    Differs,
    /// It has begun, or was prepared on a newer version: somebody else was quicker.
    Overtaken,
}

impl Store {
    /// Prepares a step: puts it if there is none, or over one of an older basis of which nothing has begun. Nobody acts on
    /// it before a head names it.
    pub async fn prepare_step(
        &self,
        run: &RunKey,
        step: &StepAttempt,
    ) -> Result<Prepared, StoreError> {
        let name = Name::Step(run.clone(), step.id().clone());
        let mut put = self
            .put_versioned::<StepRecord>(&name, step.clone())
            .await?;
        loop {
            let there = match put {
                Swap::Written(_) => return Ok(Prepared::Ready),
                Swap::Newer(there) => there,
                Swap::Gone => return Ok(Prepared::Overtaken),
            };
            let found = there.value();
            if found.has_begun() || found.basis() > step.basis() {
                return Ok(Prepared::Overtaken);
            }
            if found.basis() == step.basis() {
                return Ok(if found.is_same_work(step) {
                    Prepared::Ready
                } else {
                    Prepared::Differs
                });
            }
            let over = self.compare_and_swap::<StepRecord>(&name, there.version(), step.clone());
            put = over.await?;
        }
    }

    /// A step of a run, to base a change on.
    pub async fn step(
        &self,
        run: &RunKey,
        step: &StepRef,
    ) -> Result<Option<Versioned<StepAttempt>>, StoreError> {
        let name = Name::Step(run.clone(), step.clone());
        self.versioned::<StepRecord>(&name).await
    }

    /// Puts what a step has become. The precondition is that nobody has changed it since it was read.
    pub async fn swap_step(
        &self,
        run: &RunKey,
        read: &Versioned<StepAttempt>,
        next: StepAttempt,
    ) -> Result<Swap<StepAttempt>, StoreError> {
        let name = Name::Step(run.clone(), next.id().clone());
        self.compare_and_swap::<StepRecord>(&name, read.version(), next)
            .await
    }
}
