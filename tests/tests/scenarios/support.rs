//! What scenarios are written with.

use std::{collections::BTreeMap, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use aws_local::Durability;
use domain::{
    Connection, DefinitionName, Delivery, DeliveryKey, ManualClock, Run, RunKey, RunSequence,
};
use jiff::SignedDuration;
use local::{Daemon, DaemonCommand, GitHubAt, Schedule, Stack, StackConfig};
use serde_json::json;
use simgithub::{Comment, Permission, SimGitHub};
use tempfile::TempDir;

use crate::leftovers::{Errors, Expected};

/// How long anything may take before it counts as never.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
pub(crate) const REPOSITORY: &str = "octo-demo/widgets";
/// A person who may write to the repository.
pub(crate) const ADA: &str = "ada";
/// A person who may only read it.
pub(crate) const RON: &str = "ron";
/// The program that is the stack and the daemon.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_stack");

/// A shell script as the agent: the repository holds nothing else that is run.
pub(crate) const HONEST_AGENT: &str = r#"
cat > /dev/null
echo '{"type":"step","text":"reads the request"}'
case "$SWITCHYARD_DEFINITION" in
  implement)
    echo fixed > fixed.txt
    echo 'Adds what was missing.' > "$SWITCHYARD_OUTPUT/summary.md" ;;
  investigate)
    echo 'It is in `a.txt`.' > "$SWITCHYARD_OUTPUT/findings.md" ;;
esac
"#;

/// One stack with one repository and an open issue.
pub(crate) struct World {
    pub(crate) stack: Stack,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) issue: u64,
    repository: u64,
    /// The tie to the repository's provider.
    pub(crate) connection: Connection,
    state: TempDir,
    pub(crate) expected: Expected,
    pub(crate) errors: Errors,
}

impl World {
    /// A stack with nothing at work: no daemon runs and no schedule ticks.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The same, with the configuration changed first.
    pub(crate) async fn start_with(change: impl FnOnce(&mut StackConfig)) -> Self {
        let state = TempDir::new().unwrap();
        let (clock, errors) = (Arc::new(ManualClock::default()), Errors::default());
        let mut config = StackConfig::new(state.path().to_owned());
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        (config.listen, config.api, config.aws) = (anywhere, anywhere, anywhere);
        config.github = GitHubAt::Simulated(anywhere);
        config.durability = Durability::Memory;
        config.schedule = Schedule::ByHand;
        config.clock = clock.clone();
        config.log = Some(errors.log());
        for (name, value) in [
            ("SWITCHYARD_EVENTS_MILLIS", "0"),
            ("SWITCHYARD_EDIT_MILLIS", "0"),
            ("SWITCHYARD_HEARTBEAT_SECONDS", "1"),
            // The clock here is moved by days, and the daemons' own is not.
            ("SWITCHYARD_CLOCK_SECONDS", "31536000"),
        ] {
            config.settings.insert(name.to_owned(), value.to_owned());
        }
        change(&mut config);
        let stack = Stack::start(config).await.unwrap();
        let github = stack.github().unwrap();
        let (repository, issue) = furnish(github).await;
        let installation = github.installation_id(REPOSITORY).await.unwrap();
        Self {
            stack,
            clock,
            issue,
            repository,
            connection: testkit::connection("default", installation.unwrap()),
            state,
            expected: Expected::default(),
            errors,
        }
    }

    pub(crate) fn github(&self) -> &SimGitHub {
        self.stack.github().unwrap()
    }

    /// The directory of all state and logs.
    pub(crate) fn state(&self) -> &Path {
        self.state.path()
    }

    /// Starts a daemon that runs `script` with a shell as its agent.
    pub(crate) fn daemon(&self, script: &str) -> Daemon {
        self.daemon_with(script, &[])
    }

    /// The same, with further settings.
    pub(crate) fn daemon_with(&self, script: &str, settings: &[(&str, &str)]) -> Daemon {
        let command = json!(["sh", "-c", script]).to_string();
        let mut all = BTreeMap::from([
            ("SWITCHYARD_HARNESS".to_owned(), "command".to_owned()),
            ("SWITCHYARD_COMMAND".to_owned(), command),
            // Agents of scenarios share files with the test.
            ("SWITCHYARD_SANDBOX".to_owned(), "none".to_owned()),
        ]);
        all.extend(
            settings
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let command = DaemonCommand {
            program: PROGRAM.into(),
            arguments: vec!["daemon".into(), "--with-parent".into()],
            settings: all,
        };
        self.stack.start_daemon(&command).unwrap()
    }

    /// Writes a comment on the issue as `person`.
    pub(crate) async fn comment(&self, person: &str, text: &str) -> u64 {
        self.github()
            .comment(REPOSITORY, self.issue, person, text)
            .await
            .unwrap()
    }

    /// Waits until the issue has comments of the bot of which `wanted` is true, and gives them.
    pub(crate) async fn bot_comments(&self, wanted: impl Fn(&[Comment]) -> bool) -> Vec<Comment> {
        let look = || async {
            let mut comments = self.github().comments(REPOSITORY, self.issue).await?;
            comments.retain(|comment| comment.via_app);
            Ok(wanted(&comments).then_some(comments))
        };
        match self.github().wait_for(PATIENCE, look).await {
            Ok(comments) => comments,
            Err(error) => {
                let comments = self
                    .github()
                    .comments(REPOSITORY, self.issue)
                    .await
                    .unwrap();
                let bodies: Vec<_> = comments.iter().map(|comment| &comment.body).collect();
                panic!("{error}; the comments are {bodies:#?}")
            }
        }
    }

    /// Waits for the one comment of the bot to contain `text`, and gives its body.
    pub(crate) async fn bot_says(&self, text: &str) -> String {
        let comments = self
            .bot_comments(|all| all.iter().any(|c| c.body.contains(text)))
            .await;
        assert_eq!(
            comments.len(),
            1,
            "one comment is edited, no second one written: {comments:#?}"
        );
        comments[0].body.clone()
    }

    /// The key of a run on the issue.
    pub(crate) fn run_key(&self, name: DefinitionName, sequence: u32) -> RunKey {
        RunKey {
            subject: testkit::issue_key(&self.connection, self.repository, self.issue),
            name,
            sequence: RunSequence(sequence),
        }
    }

    /// Every run of a definition on the issue, newest first.
    pub(crate) async fn runs(&self, name: DefinitionName) -> Vec<Run> {
        let subject = self.run_key(name, 1).subject;
        self.stack
            .store()
            .unwrap()
            .newest_runs(&subject, name, 50)
            .await
            .unwrap()
    }

    /// Waits until a run on the issue is as `wanted`.
    pub(crate) async fn run_is(
        &self,
        name: DefinitionName,
        sequence: u32,
        wanted: impl Fn(&Run) -> bool,
    ) -> Run {
        let (store, key) = (self.stack.store().unwrap(), self.run_key(name, sequence));
        let looking = async {
            loop {
                match store.run(&key).await.unwrap() {
                    Some(run) if wanted(&run) => return run,
                    _ => tokio::time::sleep(LOOK_AGAIN).await,
                }
            }
        };
        let found = tokio::time::timeout(PATIENCE, looking).await;
        if let Ok(run) = found {
            return run;
        }
        panic!("the run is {:#?}", store.run(&key).await.unwrap())
    }

    /// The key of a delivery by the repository's connection.
    pub(crate) fn delivery_key(&self, guid: &str) -> DeliveryKey {
        DeliveryKey::by(&self.connection, guid.parse().unwrap())
    }

    /// The record of the delivery with that GUID, once it is decided.
    pub(crate) async fn decided(&self, guid: &str) -> Delivery {
        let key = self.delivery_key(guid);
        let store = self.stack.store().unwrap();
        let looking = async {
            loop {
                let now = domain::Clock::now(self.clock.as_ref());
                match store.delivery(&key, now).await.unwrap() {
                    Some(delivery) => return delivery,
                    None => tokio::time::sleep(LOOK_AGAIN).await,
                }
            }
        };
        tokio::time::timeout(PATIENCE, looking)
            .await
            .expect("the delivery is decided")
    }

    /// The GUID of the webhook that a comment has caused.
    pub(crate) async fn guid_of_comment(&self, comment: u64) -> String {
        let needle = format!("\"id\":{comment}");
        let deliveries = self.github().deliveries().await.unwrap();
        let delivery = deliveries.into_iter().find(|delivery| {
            delivery.event == "issue_comment" && delivery.payload.contains(&needle)
        });
        delivery.expect("a comment causes a webhook").guid
    }

    /// Moves the clock for everything but daemons and simulated people.
    pub(crate) fn advance(&self, by: SignedDuration) {
        self.clock.advance(by);
        self.stack.clock_moved();
    }
}

/// Between two looks at the table, which has no other way to say that it changed.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_millis(20);

pub(crate) async fn furnish(sim: &SimGitHub) -> (u64, u64) {
    for person in [ADA, RON] {
        sim.create_user(person).await.unwrap();
    }
    let files = [("README.md", "# Widgets\n"), ("a.txt", "broken\n")];
    sim.create_repository("octo-demo", "widgets", &files)
        .await
        .unwrap();
    sim.set_permission(REPOSITORY, ADA, Permission::Write)
        .await
        .unwrap();
    sim.set_permission(REPOSITORY, RON, Permission::Read)
        .await
        .unwrap();
    let issue = sim
        .open_issue(REPOSITORY, ADA, "It is broken", "Please mend it.")
        .await
        .unwrap();
    (
        sim.issue(REPOSITORY, issue).await.unwrap().repository_id,
        issue,
    )
}
