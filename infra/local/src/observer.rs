//! Watches the system as a person would want to see it: from the table's stream and the simulated GitHub.

mod runs;

use std::collections::HashSet;

use anyhow::Result;
use aws_local::StreamReader;
use domain::{DeliveryKey, RunKey, Verdict};
use serde_json::Value;
use simgithub::SimGitHub;
use store::{
    Store,
    keys::{Key, Name},
};
use tokio::sync::mpsc;

use crate::{progress_view::Milestone, stack::Stack};
use runs::Runs;

/// How many records are looked at together.
const BATCH: usize = 100;

/// Watches a stack and tells what passes, until nobody listens.
#[derive(Debug)]
pub(crate) struct Observer {
    store: Store,
    reader: StreamReader,
    clock: domain::SharedClock,
    runs: Runs,
    decided: HashSet<DeliveryKey>,
    milestones: mpsc::UnboundedSender<Milestone>,
}

impl Observer {
    /// An observer that begins with what happens from now on.
    pub(crate) async fn new(
        stack: &Stack,
        milestones: mpsc::UnboundedSender<Milestone>,
    ) -> Result<Self> {
        let mut reader = stack.endpoints().stream_reader(stack.table()?, "observer");
        while let Some(batch) = reader.try_next(1000).await? {
            reader.commit(&batch)?;
        }
        let links = stack.github().ok().map(SimGitHub::base_url).cloned();
        Ok(Self {
            store: stack.store()?,
            reader,
            clock: stack.clock(),
            runs: Runs::new(links),
            decided: HashSet::new(),
            milestones,
        })
    }

    /// Watches. What goes wrong is an operator's to see in the log; the view just shows less.
    pub(crate) async fn watch(mut self) {
        while let Ok(batch) = self.reader.next(BATCH).await {
            for record in &batch.records {
                if let Err(error) = self.look(record).await {
                    tracing::warn!(error = format!("{error:#}"), "a record could not be shown");
                }
            }
            if self.reader.commit(&batch).is_err() || self.milestones.is_closed() {
                return;
            }
        }
    }

    async fn look(&mut self, record: &Value) -> Result<()> {
        let text = |name: &str| {
            record["dynamodb"]["Keys"][name]["S"]
                .as_str()
                .map(str::to_owned)
        };
        let (Some(pk), Some(sk)) = (text("pk"), text("sk")) else {
            return Ok(());
        };
        match Name::parse(&Key { pk, sk }) {
            Some(Name::Delivery(key)) => self.look_at_delivery(key).await,
            Some(
                Name::Run(run)
                | Name::Step(run, _)
                | Name::Tracking(run)
                | Name::Events { run, .. },
            ) => self.look_at_run(&run).await,
            Some(
                Name::Ask(..)
                | Name::Findings(_)
                | Name::Brief(..)
                | Name::Stop(_)
                | Name::Answered(..)
                | Name::Slot { .. }
                | Name::Gaps(_),
            )
            | None => Ok(()),
        }
    }

    async fn look_at_delivery(&mut self, key: DeliveryKey) -> Result<()> {
        let Some(delivery) = self.store.delivery(&key, self.clock.now()).await? else {
            return Ok(());
        };
        // What asks for nothing passes all the time, the comments of the bot itself included.
        if matches!(delivery.verdict, Verdict::Ignored) || !self.decided.insert(key) {
            return Ok(());
        }
        let steps = delivery
            .steps
            .iter()
            .map(|s| (s.step.to_string(), s.detail.clone()))
            .collect();
        let verdict = match &delivery.verdict {
            Verdict::Starting { .. } => "starts a run",
            Verdict::Waiting { .. } => "waits for its turn",
            Verdict::Stopping { .. } => "stops what runs",
            Verdict::Refused { .. } => "is refused",
            Verdict::Interrupted { .. } => "is tried again later",
            Verdict::Rejected => "cannot be understood",
            Verdict::Failed => "is given up",
            Verdict::Ignored => "asks for nothing",
        };
        self.tell(Milestone::Decision {
            steps,
            verdict: verdict.to_owned(),
        });
        if let Verdict::Starting { start } = &delivery.verdict {
            self.tell(Runs::queued(start));
        }
        Ok(())
    }

    async fn look_at_run(&mut self, key: &RunKey) -> Result<()> {
        let Some(run) = self.store.run(key).await? else {
            return Ok(());
        };
        let progress = self.store.newest_progress(key, run.fence(), 1000).await?;
        let milestones = self.runs.milestones(&run, &progress);
        self.tell_all(milestones);
        Ok(())
    }

    fn tell_all(&self, milestones: impl IntoIterator<Item = Milestone>) {
        milestones
            .into_iter()
            .for_each(|milestone| self.tell(milestone));
    }

    fn tell(&self, milestone: Milestone) {
        // Nobody listening means that the view has ended.
        let _ended = self.milestones.send(milestone).is_err();
    }
}
