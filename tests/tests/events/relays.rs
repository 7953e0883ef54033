//! Several `relay` processes that tell of the same run at once.

use std::sync::Arc;

use aws_lambda_events::event::{dynamodb::Event, streams::DynamoDbEventResponse};
use aws_local::{AwsError, Fault};
use domain::{Outcome, Run, SystemRandom};
use notify::Relay;
use secrecy::SecretString;
use serde_json::{Value, json};
use simgithub::{AppRegistration, Config, FaultRule, SimGitHub};
use tempfile::TempDir;
use testkit::runs::{change_run, ended, leased, put_run};

use crate::world::{SECRET, TABLE, World, clock_at, order_at, then};

const REPOSITORY: &str = "octo-demo/widgets";
const ADA: &str = "ada-example";
const GET: &str = "DynamoDB_20120810.GetItem";
const PUT: &str = "DynamoDB_20120810.PutItem";
const QUERY: &str = "DynamoDB_20120810.Query";

/// A run that nobody was told of yet, on a simulated GitHub.
struct Scene {
    world: World,
    github: SimGitHub,
    run: Run,
    _state: TempDir,
}

impl Scene {
    async fn start() -> Self {
        let (world, state) = (World::start().await, TempDir::new().unwrap());
        let (key, secret) = (simgithub::DEMONSTRATION_KEY_PEM, SecretString::from(SECRET));
        let app = AppRegistration::new(12_345, "Iv1.test", "switchyard", key, secret);
        let listen = "127.0.0.1:0".parse().unwrap();
        let config = Config::new(listen, state.path().to_owned(), Arc::new(then), app);
        let github = SimGitHub::start(config).await.unwrap();
        github.create_user(ADA).await.unwrap();
        let (owner, name) = REPOSITORY.split_once('/').unwrap();
        let files = [("README.md", "# Widgets\n")];
        github.create_repository(owner, name, &files).await.unwrap();
        let issue = github.open_issue(REPOSITORY, ADA, "It is broken", "Please mend it.");
        let issue = issue.await.unwrap();
        let there = github.issue(REPOSITORY, issue).await.unwrap();
        let installation = github.installation_id(REPOSITORY).await.unwrap();
        let connection = testkit::connection("default", installation.unwrap());
        let order = order_at(&connection, there.repository_id, issue);
        let run = put_run(&world.store(), order, then()).await;
        Self {
            world,
            github,
            run,
            _state: state,
        }
    }

    /// A process that has just been started.
    fn relay(&self) -> Relay {
        let settings = self.world.settings_with(self.github.api_url().as_str());
        // Of its own, as each process has: a number that only one knows tells its writes from those of others.
        let random = Arc::new(SystemRandom);
        relay::connect(&settings, &self.world.aws, clock_at(then()), random).unwrap()
    }

    async fn change(&self, change: impl FnOnce(&Run) -> Run) {
        let (store, key) = (self.world.store(), self.run.key());
        change_run(&store, &key, change).await;
    }

    async fn claim(&self) {
        self.change(|run| leased(run, "daemon-1", then())).await;
    }

    async fn end(&self) {
        self.change(|run| ended(run, Outcome::Cancelled, then()))
            .await;
    }

    /// Everything that has happened to the run so far.
    async fn records(&self) -> Vec<Value> {
        let mut stream = self.world.endpoints.stream_reader(TABLE, "test");
        stream.next(100).await.unwrap().records
    }

    /// Hands `relay` everything that has happened to the run so far.
    async fn hand(&self, relay: &Relay) -> DynamoDbEventResponse {
        give(relay, &self.records().await).await
    }

    async fn tells(&self, relay: &Relay, text: &str) {
        let answer = self.hand(relay).await;
        assert!(answer.batch_item_failures.is_empty(), "{answer:?}");
        self.says(text).await;
    }

    /// Hands `relay` everything, while another one tells the end after it has read that the run is at work and
    /// before it has told so; `then` is called in between.
    async fn overtaken(&self, relay: &Relay, then: impl FnOnce()) -> DynamoDbEventResponse {
        let (fault, gate) = Fault::hold(QUERY);
        self.world.endpoints.faults().add(fault);
        let overtake = async {
            gate.reached().await;
            self.end().await;
            self.tells(&self.relay(), "`implement` was stopped").await;
            then();
            gate.release();
        };
        let (answer, ()) = tokio::join!(self.hand(relay), overtake);
        answer
    }

    /// The run's only comment.
    async fn says(&self, text: &str) {
        let number = self.run.subject().item().number().unwrap();
        let comments = self.github.comments(REPOSITORY, number).await.unwrap();
        assert_eq!(comments.len(), 1, "{comments:#?}");
        assert!(comments[0].body.contains(text), "{comments:#?}");
    }

    async fn now(&self) -> Run {
        let run = self.world.store().run(&self.run.key()).await;
        run.unwrap().unwrap()
    }

    /// The end was told, and is to be told again.
    async fn is_in_doubt(&self) {
        let run = self.now().await;
        assert!(run.is_told() && run.head().due_at().is_some(), "{run:?}");
    }

    /// The end was told, and nothing is left to do.
    async fn is_told(&self) {
        let run = self.now().await;
        assert!(run.is_told() && run.head().due_at().is_none(), "{run:?}");
    }

    async fn at_work(&self) {
        self.claim().await;
        self.tells(&self.relay(), "`implement` is at work").await;
    }
}

async fn give(relay: &Relay, records: &[Value]) -> DynamoDbEventResponse {
    let event: Event = serde_json::from_value(json!({ "Records": records })).unwrap();
    relay::handle(relay, event).await
}

#[tokio::test]
async fn records_from_several_shards_in_any_order_tell_the_end_in_one_comment() {
    let scene = Scene::start().await;
    scene.claim().await;
    let early = scene.records().await;
    scene.end().await;
    let mut late = scene.records().await;
    late.reverse();
    let processes = [scene.relay(), scene.relay()];
    let shards = late.iter().chain(&early).zip(processes.iter().cycle());
    for (record, relay) in shards {
        let answer = give(relay, std::slice::from_ref(record)).await;
        assert!(answer.batch_item_failures.is_empty(), "{answer:?}");
        scene.says("`implement` was stopped").await;
    }
    scene.is_told().await;
}

#[tokio::test]
async fn of_two_processes_that_would_announce_a_run_at_once_one_does() {
    let scene = Scene::start().await;
    let (fault, gate) = Fault::hold(PUT);
    // Both have seen that nobody has posted before the first of them says that it does.
    scene.world.endpoints.faults().add(fault.times(2));
    let release = async {
        for _ in 0..2 {
            gate.reached().await;
        }
        gate.release();
        gate.release();
    };
    let (one, other) = (scene.relay(), scene.relay());
    let (first, second, ()) = tokio::join!(scene.hand(&one), scene.hand(&other), release);
    for answer in [first, second] {
        assert!(answer.batch_item_failures.is_empty(), "{answer:?}");
    }
    scene.says("`implement` is queued").await;
}

#[tokio::test]
async fn an_older_state_that_is_written_last_does_not_stay() {
    let scene = Scene::start().await;
    scene.at_work().await;
    let late = scene.relay();
    let answer = Box::pin(scene.overtaken(&late, || ())).await;
    assert!(answer.batch_item_failures.is_empty(), "{answer:?}");
    scene.says("`implement` was stopped").await;
    scene.is_told().await;
}

#[tokio::test]
async fn an_edit_whose_answer_is_lost_does_not_hide_the_end() {
    let scene = Scene::start().await;
    scene.at_work().await;
    let late = scene.relay();
    let comment = "/api/v3/repos/*/issues/comments/*";
    let lost = FaultRule::new(comment, 2, simgithub::Fault::LostAnswer).method("PATCH");
    let answer = Box::pin(scene.overtaken(&late, || scene.github.faults().add(lost))).await;
    assert!(answer.batch_item_failures.is_empty(), "{answer:?}");
    scene.says("`implement` is at work").await;
    scene.is_in_doubt().await;
    // Whoever is handed the next record knows nothing of what went before, and is told to come later.
    let limited = FaultRule::new(comment, 1, simgithub::Fault::Status(429)).method("PATCH");
    scene.github.faults().add(limited);
    scene.tells(&scene.relay(), "`implement` is at work").await;
    scene.is_in_doubt().await;
    scene.tells(&scene.relay(), "`implement` was stopped").await;
    scene.is_told().await;
}

#[tokio::test]
async fn a_table_out_of_reach_after_an_edit_does_not_hide_the_end() {
    let scene = Scene::start().await;
    scene.at_work().await;
    let late = scene.relay();
    let refused = Fault::refuse(GET, AwsError::new(400, "AccessDeniedException"));
    let answer =
        Box::pin(scene.overtaken(&late, || scene.world.endpoints.faults().add(refused))).await;
    assert_eq!(answer.batch_item_failures.len(), 1, "it comes again");
    scene.says("`implement` is at work").await;
    scene.tells(&late, "`implement` was stopped").await;
}

#[tokio::test]
async fn a_run_that_is_claimed_while_it_is_announced_is_shown_at_work() {
    let scene = Scene::start().await;
    let (fault, gate) = Fault::hold(PUT);
    let noted = |call: &Value| call["Item"]["state"]["M"]["is"]["S"] == "announced";
    scene.world.endpoints.faults().add(fault.when(noted));
    let relay = scene.relay();
    let claim = async {
        gate.reached().await;
        scene.says("`implement` is queued").await;
        scene.claim().await;
        gate.release();
    };
    let (answer, ()) = tokio::join!(scene.hand(&relay), claim);
    assert!(answer.batch_item_failures.is_empty(), "{answer:?}");
    // The claim has a record of its own, which comes after.
    scene.tells(&relay, "`implement` is at work").await;
}
