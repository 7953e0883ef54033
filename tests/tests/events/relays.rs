//! Several `relay` processes that tell of the same run at once.

use std::sync::Arc;

use aws_lambda_events::event::{dynamodb::Event, streams::DynamoDbEventResponse};
use aws_local::{AwsError, Fault};
use domain::{Outcome, Run, Tracking};
use notify::Relay;
use secrecy::SecretString;
use serde_json::json;
use simgithub::{AppRegistration, Config, FaultRule, SimGitHub};
use tempfile::TempDir;

use crate::world::{SECRET, TABLE, World, clock_at, random, run_at, then};

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
        let run = run_at(&connection, there.repository_id, issue);
        world.store().create_run(&run).await.unwrap();
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
        relay::connect(&settings, &self.world.aws, clock_at(then()), random()).unwrap()
    }

    async fn change<T>(&self, change: impl FnMut(&mut Run) -> T + Send) -> T {
        let (store, key) = (self.world.store(), self.run.key());
        store.change_run(&key, change).await.unwrap().unwrap().1
    }

    async fn claim(&self) {
        let daemon = "daemon-1".parse().unwrap();
        self.change(|run| run.claim(&daemon, then()).unwrap()).await;
    }

    async fn end(&self) {
        let end = |run: &mut Run| run.finish(run.fence(), Outcome::Cancelled.into(), then());
        self.change(end).await.unwrap();
    }

    /// Hands `relay` everything that has happened to the run so far.
    async fn hand(&self, relay: &Relay) -> DynamoDbEventResponse {
        let mut stream = self.world.endpoints.stream_reader(TABLE, "test");
        let records = stream.next(100).await.unwrap().records;
        let event: Event = serde_json::from_value(json!({ "Records": records })).unwrap();
        relay::handle(relay, event).await
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
        let number = self.run.subject.item().number().unwrap();
        let comments = self.github.comments(REPOSITORY, number).await.unwrap();
        assert_eq!(comments.len(), 1, "{comments:#?}");
        assert!(comments[0].body.contains(text), "{comments:#?}");
    }

    /// The end was told, and is to be told again.
    async fn is_in_doubt(&self) {
        let run = self.change(|run| run.clone()).await;
        assert!(matches!(run.tracking, Tracking::Reported(_)), "{run:?}");
        assert!(run.due_at.is_some(), "{run:?}");
    }

    async fn at_work(&self) {
        self.claim().await;
        self.tells(&self.relay(), "`implement` is at work").await;
    }
}

#[tokio::test]
async fn an_older_state_that_is_written_last_does_not_stay() {
    let scene = Scene::start().await;
    scene.at_work().await;
    let late = scene.relay();
    let answer = Box::pin(scene.overtaken(&late, || ())).await;
    assert!(answer.batch_item_failures.is_empty(), "{answer:?}");
    scene.says("`implement` was stopped").await;
    let tracking = scene.change(|run| run.tracking).await;
    assert!(matches!(tracking, Tracking::Reported(_)), "{tracking:?}");
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
    let run = scene.change(|run| run.clone()).await;
    assert!(matches!(run.tracking, Tracking::Reported(_)), "{run:?}");
    assert_eq!(run.due_at, None);
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
    scene.world.endpoints.faults().add(fault);
    let relay = scene.relay();
    let claim = async {
        gate.reached().await;
        scene.says("`implement` is queued").await;
        scene.claim().await;
        gate.release();
    };
    tokio::join!(scene.tells(&relay, "`implement` is at work"), claim);
}
