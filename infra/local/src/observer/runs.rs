//! What has been shown of each run.

use std::collections::HashMap;

use domain::{
    Deliverable, Outcome, ProgressEvent, Run, RunHead, RunId, RunState, Start, StepAttempt,
    StepState, TrackingPlace,
};
use url::Url;

use crate::progress_view::Milestone;

/// Remembers what has been shown, so that each thing is shown once however often it is looked at.
#[derive(Debug)]
pub(super) struct Runs {
    links: Option<Url>,
    shown: HashMap<RunId, Shown>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Shown {
    fence: u32,
    progress: usize,
    finished: bool,
    reported: bool,
}

impl Runs {
    pub(super) fn new(links: Option<Url>) -> Self {
        Self {
            links,
            shown: HashMap::new(),
        }
    }

    /// That a run's job is in the queue, which is told after the decision that put it there.
    pub(super) fn queued(start: &Start) -> Milestone {
        let job = RunHead::only_step().job(start.id);
        let (run, job) = (start.id.to_string(), job.to_string());
        Milestone::JobQueued { run, job }
    }

    /// What is new about a run.
    pub(super) fn milestones(&mut self, run: &Run, progress: &[ProgressEvent]) -> Vec<Milestone> {
        let before = self.shown.get(&run.id()).copied().unwrap_or_default();
        let mut now = before;
        let mut milestones = Vec::new();
        if let Some(StepState::Running(lease)) = run.step().map(StepAttempt::state)
            && lease.fence.0 > before.fence
        {
            (now.fence, now.progress) = (lease.fence.0, 0);
            let daemon = lease.daemon.to_string();
            milestones.push(Milestone::Claimed {
                daemon,
                attempt: lease.fence.0,
            });
        }
        milestones.extend(progress.iter().skip(now.progress).map(step));
        now.progress = progress.len().max(now.progress);
        if let Some(finished) = run.finished()
            && !before.finished
        {
            now.finished = true;
            milestones.extend(self.pull_request(run, &finished.outcome));
            milestones.push(Milestone::Finished {
                outcome: outcome(run),
                duration: finished.at.duration_since(run.head().created_at()),
            });
        }
        if run.is_told()
            && let Some(comment) = run.place().and_then(TrackingPlace::comment)
            && !before.reported
        {
            now.reported = true;
            let page = format!("{}/issues/{}", run.subject().place(), run.subject().item());
            let url = self.link(&format!("{page}#issuecomment-{comment}"));
            milestones.push(Milestone::CommentFinished {
                url,
                state: state(run.state()).to_owned(),
            });
        }
        self.shown.insert(run.id(), now);
        milestones
    }

    fn pull_request(&self, run: &Run, outcome: &Outcome) -> Option<Milestone> {
        let (Outcome::Succeeded { deliverable } | Outcome::Incomplete { deliverable, .. }) =
            outcome
        else {
            return None;
        };
        let Deliverable::PullRequest(pull) = deliverable else {
            return None;
        };
        Some(Milestone::PullRequestOpened {
            number: pull.number.0,
            title: None,
            branch: pull.branch.clone(),
            url: self.link(&format!(
                "{}/pull/{}",
                run.head().target().repository(),
                pull.number
            )),
        })
    }

    fn link(&self, path: &str) -> Option<String> {
        Some(self.links.as_ref()?.join(path).ok()?.to_string())
    }
}

fn step(event: &ProgressEvent) -> Milestone {
    Milestone::Step {
        stage: event.stage,
        text: event.text.clone(),
    }
}

fn outcome(run: &Run) -> String {
    let state = state(run.state());
    match run.failure() {
        Some(failure) => format!(
            "{state}: {} {}",
            failure.kind().reason(),
            failure.kind().solution()
        ),
        None => state.to_owned(),
    }
}

const fn state(state: RunState) -> &'static str {
    match state {
        RunState::Queued => "queued",
        RunState::Running => "running",
        RunState::Succeeded => "succeeded",
        RunState::Incomplete => "incomplete",
        RunState::Unchanged => "found nothing to change",
        RunState::Failed => "failed",
        RunState::Cancelled => "stopped",
        RunState::Expired => "out of time",
    }
}
