//! What is measured: real requests to the product's own code, counted at the endpoints.

use std::time::Duration;

use aws_local::{Counts, StreamReader};
use contract::{
    JobMessage,
    worker::{EventsRequest, FinishRequest, GitAccess},
};
use domain::{FailureKind, Outcome, ProgressEvent, Stage, StepAttempt};
use egress::{HttpClient, HttpSettings, WorkerClient};
use jiff::SignedDuration;
use kit::Clients;
use queues::Queue;
use serde_json::json;

use crate::{
    ingress_support::{DELIVERIES, Hook, JOBS, eventually},
    prices::Used,
    support::{ADA, HONEST_AGENT, REPOSITORY, World},
};

/// A stack as on AWS: progress is told at most every ten seconds, and a comment edited for it alone every five.
pub(crate) async fn stack() -> World {
    let world = World::start_with(|config| config.settings.clear()).await;
    world.at_rest().await
}

/// What `work` used, for each of `times` things that it did; with the counts that this comes from.
async fn used(world: &World, times: u32, work: impl Future<Output = ()>) -> (Used, Counts) {
    let before = world.stack.invocations();
    world.stack.endpoints().meter().reset();
    world.stack.endpoints().forget_calls();
    work.await;
    let counts = world.stack.endpoints().meter().reset();
    let times = f64::from(times);
    let mut used = Used {
        writes: counts.dynamodb.write / times,
        reads: counts.dynamodb.read / times,
        queue: queue_requests(&counts) / times,
        ..Used::default()
    };
    for (name, calls) in world.stack.invocations() {
        let calls = calls - before.get(name).copied().unwrap_or_default();
        used.invocations.insert(name, float(calls) / times);
    }
    (used, counts)
}

/// Requests of the product to its queues. Those of the local runner that AWS has no need of are left out.
fn queue_requests(counts: &Counts) -> f64 {
    let all = counts.sqs.iter();
    let billed = all.filter(|((action, _), _)| action != "GetQueueAttributes");
    float(billed.map(|(_, requests)| requests.billed).sum())
}

#[expect(clippy::cast_precision_loss, reason = "counts of a bench are small")]
fn float(count: u64) -> f64 {
    count as f64
}

/// A person's comment that holds no command.
pub(crate) async fn talk(world: &World) -> Used {
    let hook = world.unsent(ADA, "Thanks!").await;
    let work = async {
        assert_eq!(world.caller().deliver(&hook).await, 202);
        deleted(world, 1).await;
    };
    used(world, 1, work).await.0
}

/// The echo of a comment that the product has written itself.
pub(crate) async fn echo(world: &World) -> Used {
    let hook = world.unsent(ADA, "### is at work").await;
    let mut document: serde_json::Value = serde_json::from_slice(&hook.body).unwrap();
    document["sender"]["type"] = json!("Bot");
    let echo = Hook {
        guid: "echo".to_owned(),
        ..hook.with_body(document.to_string())
    };
    let work = async { assert_eq!(world.caller().deliver(&echo).await, 202) };
    used(world, 1, work).await.0
}

/// One look of the scheduler at a table where nothing is due. One in five also looks for deliveries that are lost.
pub(crate) async fn tick(world: &World) -> Used {
    let looks = 5;
    let work = async {
        for _ in 0..looks {
            world.stack.tick().await.unwrap();
            world.advance(SignedDuration::from_mins(1));
        }
    };
    used(world, looks, work).await.0
}

/// A job of a few seconds, from the comment to its final edit and the echo of that.
pub(crate) async fn job(world: &World) -> (Used, Counts) {
    let _daemon = world.daemon(HONEST_AGENT);
    let mut told = ends(world);
    let work = async {
        world.comment(ADA, "bot:implement").await;
        wait_for_ends(&mut told, 1).await;
        world.bot_says("`implement` succeeded").await;
        echoed(world).await;
    };
    used(world, 1, work).await
}

/// Many jobs asked for at once, each on an issue of its own, shared between several daemons.
pub(crate) async fn crowd(world: &World, jobs: u32, daemons: usize) -> Used {
    let github = world.github();
    let mut issues = Vec::new();
    github.set_webhook_url(None);
    for _ in 0..jobs {
        let opened = github.open_issue(REPOSITORY, ADA, "It is broken", "Please mend it.");
        issues.push(opened.await.unwrap());
    }
    let url = world.stack.url().join("webhooks/github").unwrap();
    github.set_webhook_url(Some(url));
    let mut told = ends(world);
    let work = async {
        for issue in issues {
            let asked = github.comment(REPOSITORY, issue, ADA, "bot:implement");
            asked.await.unwrap();
        }
        let _daemons: Vec<_> = (0..daemons).map(|_| world.daemon(HONEST_AGENT)).collect();
        wait_for_ends(&mut told, jobs).await;
        echoed(world).await;
    };
    used(world, jobs, work).await.0
}

/// A job of ten minutes. A daemon cannot be made to hurry, so its calls are made here, at the times at which it
/// would make them, while the clock of everything else is moved.
pub(crate) async fn long_job(world: &World) -> Used {
    let hook = world.unsent(ADA, "bot:implement").await;
    let mut told = ends(world);
    let work = async {
        assert_eq!(world.caller().deliver(&hook).await, 202);
        ten_minutes(world).await;
        wait_for_ends(&mut told, 1).await;
    };
    used(world, 1, work).await.0
}

async fn ten_minutes(world: &World) {
    let aws = Clients::new(world.stack.endpoints().sdk_config("daemon"));
    let queue: Queue<JobMessage> = Queue::new(aws.sqs(), world.queue(JOBS).url.clone());
    let received = queue.receive(Duration::from_secs(20), 1).await.unwrap();
    let message = received[0].message.as_ref().unwrap();
    let http = HttpClient::new(&HttpSettings::new(vec![world.stack.url()])).unwrap();
    let key = world.stack.daemon_key().clone();
    let api = WorkerClient::new(http, world.stack.url(), key);
    let (daemon, now) = ("daemon-bench".parse().unwrap(), world.stack.clock().now());
    let claim = api.claim(message.job, &message.token, &daemon, now);
    let lease = claim.await.unwrap().lease;
    api.git_token(message.job, &lease.token, GitAccess::Read)
        .await
        .unwrap();
    let (mut hidden, mut first) = (120, 0);
    for second in (10..=600).step_by(10) {
        world.advance(SignedDuration::from_secs(10));
        let before = relayed(world);
        if second % 40 == 0 {
            api.heartbeat(message.job, &lease.token).await.unwrap();
            seen(world, before).await;
            if hidden - second <= 50 {
                let time = Duration::from_mins(2);
                let stay = queue.set_visibility(&received[0].handle, time);
                stay.await.unwrap();
                hidden = second + 120;
            }
        }
        if second <= 60 || second % 30 == 0 {
            let before = relayed(world);
            let request = progress(world, &mut first);
            let told = api.events(message.job, &lease.token, &request);
            told.await.unwrap();
            seen(world, before).await;
        }
    }
    api.heartbeat(message.job, &lease.token).await.unwrap();
    api.git_token(message.job, &lease.token, GitAccess::Write)
        .await
        .unwrap();
    let outcome = Outcome::Failed {
        failure: FailureKind::ChecksFailed.into(),
    };
    let end = FinishRequest {
        outcome,
        spent: domain::Spent::default(),
        revision: None,
        findings: None,
    };
    api.finish(message.job, &lease.token, &end).await.unwrap();
    queue.delete(&received[0].handle).await.unwrap();
}

/// Ten lines of what an agent does.
fn progress(world: &World, first: &mut u32) -> EventsRequest {
    let line = |number| ProgressEvent {
        at: world.stack.clock().now(),
        stage: Stage::Working,
        text: format!("Edit: src/some/module/file_{number}.rs"),
    };
    let request = EventsRequest {
        first: *first,
        events: (0..10).map(line).collect(),
    };
    *first += 10;
    request
}

fn relayed(world: &World) -> u64 {
    let all = world.stack.invocations();
    all.get("relay").copied().unwrap_or_default()
}

/// Waits until what was written has been handed to `relay`.
async fn seen(world: &World, before: u64) {
    eventually("relay is told", async || {
        (relayed(world) > before).then_some(())
    })
    .await;
}

/// Waits until the messages of so many deliveries are taken away.
async fn deleted(world: &World, deliveries: u64) {
    eventually("the message is taken away", async || {
        (world.asked_of(DELIVERIES, "DeleteMessageBatch") == deliveries).then_some(())
    })
    .await;
}

/// The stream of the table from now on. To look at the table would be counted.
fn ends(world: &World) -> StreamReader {
    let table = world.stack.table().unwrap();
    world.stack.endpoints().stream_reader(table, "bench")
}

/// Waits for the record of so many final edits.
async fn wait_for_ends(reader: &mut StreamReader, mut ends: u32) {
    while ends > 0 {
        let batch = reader.next(100).await.unwrap();
        for record in &batch.records {
            // The last write to a run: the due time of its head goes once all is told.
            let change = &record["dynamodb"];
            let image = &change["NewImage"];
            let over = image["state"]["M"]["is"]["S"] == "over";
            let told = over && image["due_at"].is_null();
            let of_head = change["Keys"]["sk"]["S"].as_str();
            if told && of_head.is_some_and(|key| key.starts_with("RUN#")) {
                ends = ends.saturating_sub(1);
            }
        }
        reader.commit(&batch).unwrap();
    }
}

/// Waits until the echo of the last edit, too, has been answered.
async fn echoed(world: &World) {
    eventually("GitHub's last echo is answered", async || {
        let all = world.github().deliveries().await.unwrap();
        all.iter().all(|one| one.status.is_some()).then_some(())
    })
    .await;
}

/// How long a heartbeat leaves a lease as it is; the job above is only like a real one if this is shorter than
/// the time between two.
const _: () = assert!(StepAttempt::FRESH.as_secs() < StepAttempt::HEARTBEAT.as_secs());
