//! What the scenarios of jobs, daemons and agents are written with.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use domain::{DefinitionName, Run, RunState};
use kit::Clients;
use local::Daemon;
use rustix::process::{Pid, Signal, kill_process};
use simgithub::Issue;
use tempfile::TempDir;

use crate::support::{HONEST_AGENT, LOOK_AGAIN, PATIENCE, REPOSITORY, World};

/// More than a lease and more than the time for which a received job stays out of sight.
pub(crate) const LEASE_AND_MORE: jiff::SignedDuration = jiff::SignedDuration::from_secs(130);
/// Where pull requests are opened.
pub(crate) const PULLS: &str = "/api/v3/repos/octo-demo/widgets/pulls";

/// A folder that agents and the test share. Agents begin by saying that they are there, and wait until they
/// are let through.
pub(crate) struct Gate {
    folder: TempDir,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// An agent that waits at the gate and then does `work`.
    pub(crate) fn before(&self, work: &str) -> String {
        let folder = self.folder.path().display();
        format!(
            "cd .\necho $$ >> {folder}/agents\n\
             while [ -d {folder} ] && ! [ -e {folder}/open ]; do sleep 0.02; done\n{work}"
        )
    }

    /// The agent that does as it should, once it is let through.
    pub(crate) fn agent(&self) -> String {
        self.before(HONEST_AGENT)
    }

    /// Lets all agents through, now and later.
    pub(crate) fn open(&self) {
        fs::write(self.path("open"), "").unwrap();
    }

    /// The process ids of the agents that have come here.
    pub(crate) fn agents(&self) -> Vec<u32> {
        numbers(&self.path("agents"))
    }

    /// Waits for the first agent, and gives its process id.
    pub(crate) async fn reached(&self) -> u32 {
        until("an agent is at work", || !self.agents().is_empty()).await;
        self.agents()[0]
    }
}

/// The numbers in a file, one a line; none if there is no file.
pub(crate) fn numbers(path: &Path) -> Vec<u32> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .map(|line| line.trim().parse().unwrap())
        .collect()
}

/// Waits until something that makes no noise is so.
pub(crate) async fn until(what: &str, so: impl Fn() -> bool) {
    let looking = async {
        while !so() {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    let within = tokio::time::timeout(PATIENCE, looking).await;
    assert!(within.is_ok(), "it never happened that {what}");
}

/// Whether a process is there and has not ended.
pub(crate) fn runs(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(')').map(|(_, rest)| rest.trim_start());
    state.is_some_and(|rest| !rest.starts_with(['Z', 'X']))
}

/// Sends a signal to a daemon alone, not to its agent.
pub(crate) fn signal(daemon: &Daemon, signal: Signal) {
    let pid = i32::try_from(daemon.id().unwrap()).unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
}

impl World {
    /// What daemons have logged.
    fn log(&self) -> String {
        fs::read_to_string(self.state().join("log/daemon.jsonl")).unwrap_or_default()
    }

    /// Whether a daemon has logged this.
    pub(crate) fn logged(&self, text: &str) -> bool {
        self.log().contains(text)
    }

    /// Waits for a daemon to log this.
    pub(crate) async fn logs(&self, text: &str) {
        until(&format!("a daemon logs {text:?}"), || self.logged(text)).await;
    }

    /// Waits until the run has ended and the person who asked has been told, in one comment that says `text`;
    /// gives that comment.
    pub(crate) async fn ends(&self, name: DefinitionName, state: RunState, text: &str) -> String {
        let told = |run: &Run| run.is_told() && run.head().due_at().is_none();
        let run = self.run_is(name, 1, told).await;
        assert_eq!(
            (run.state(), run.head().due_at()),
            (state, None),
            "{:#?} after {}",
            run.step(),
            self.log()
        );
        let comment = self.bot_says(text).await;
        self.nothing_private(&comment);
        comment
    }

    /// The one pull request, which is the app's draft and has the change.
    pub(crate) async fn one_pull(&self) -> Issue {
        let mut pulls = self.github().pulls(REPOSITORY).await.unwrap();
        assert_eq!(pulls.len(), 1, "{pulls:#?}");
        let pull = pulls.remove(0);
        let details = pull.pull.as_ref().unwrap();
        assert!(pull.via_app && details.draft, "{pull:#?}");
        let file = self
            .github()
            .file_at(REPOSITORY, &details.head, "fixed.txt");
        assert_eq!(file.await.unwrap().as_deref(), Some(b"fixed\n".as_slice()));
        let branches = self.github().branches(REPOSITORY).await.unwrap();
        assert_eq!(
            branches.len(),
            2,
            "the default branch and the run's: {branches:?}"
        );
        pull
    }

    /// Nothing was pushed and no pull request opened.
    pub(crate) async fn nothing_came_of_it(&self) {
        assert!(self.github().pulls(REPOSITORY).await.unwrap().is_empty());
        let branches = self.github().branches(REPOSITORY).await.unwrap();
        assert_eq!(branches.len(), 1, "{branches:?}");
    }

    /// How many requests of this kind GitHub has answered.
    pub(crate) fn requests(&self, method: &str, end: &str) -> usize {
        let all = self.github().requests();
        let wanted =
            |one: &&simgithub::RequestRecord| one.method == method && one.path.ends_with(end);
        all.iter().filter(wanted).count()
    }

    /// What no public text may have in it: tokens, paths of this machine, words of programs.
    pub(crate) fn nothing_private(&self, text: &str) {
        let state = self.state().display().to_string();
        for secret in [
            "ghs_",
            "eyJ",
            "/proc/",
            "os error",
            "fatal:",
            "remote:",
            state.as_str(),
        ] {
            assert!(!text.contains(secret), "{secret:?} is in public: {text}");
        }
    }

    fn jobs(&self) -> (aws_sdk_sqs::Client, String) {
        self.queue_of("JobsQueue")
    }

    fn queue_of(&self, name: &str) -> (aws_sdk_sqs::Client, String) {
        let aws = Clients::new(self.stack.endpoints().sdk_config("observer"));
        let queue = self.stack.template().queue(name).unwrap();
        (aws.sqs(), queue.url.clone())
    }

    /// How many messages the jobs queue holds, in sight and out of it.
    pub(crate) async fn queued_jobs(&self) -> u32 {
        self.messages_of("JobsQueue").await
    }

    /// How many jobs' messages were put aside for the operator, which rings an alarm.
    pub(crate) async fn dead_jobs(&self) -> u32 {
        self.messages_of("JobsDeadLetterQueue").await
    }

    async fn messages_of(&self, queue: &str) -> u32 {
        let (sqs, url) = self.queue_of(queue);
        let asked = sqs.get_queue_attributes().queue_url(url);
        let answer = asked.attribute_names("All".into()).send().await.unwrap();
        let attributes = answer.attributes.unwrap();
        let of = |name: &str| -> u32 { attributes[&name.into()].parse().unwrap() };
        of("ApproximateNumberOfMessages") + of("ApproximateNumberOfMessagesNotVisible")
    }

    /// Waits until the jobs queue holds that many messages.
    pub(crate) async fn jobs_queue_holds(&self, wanted: u32) {
        let looking = async {
            while self.queued_jobs().await != wanted {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        let within = tokio::time::timeout(PATIENCE, looking).await;
        assert!(
            within.is_ok(),
            "the jobs queue never held {wanted} messages, but {} after {}",
            self.queued_jobs().await,
            self.log()
        );
    }

    /// Loses every message of the jobs queue.
    pub(crate) async fn lose_jobs(&self) {
        let (sqs, url) = self.jobs();
        sqs.purge_queue().queue_url(url).send().await.unwrap();
        assert_eq!(self.queued_jobs().await, 0);
    }

    /// Waits until every fault at GitHub has struck.
    pub(crate) async fn faults_struck(&self) {
        let faults = self.github().faults();
        until("every fault has struck", || faults.pending().is_empty()).await;
    }
}

/// Longer than any test.
pub(crate) const FOR_EVER: Duration = Duration::from_mins(10);
