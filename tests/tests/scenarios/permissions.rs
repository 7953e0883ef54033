//! What roles allow against what is done: nothing more, and nothing less.

use std::collections::BTreeSet;

use aws_local::{ACCOUNT, AwsError, Call, Fault, REGION};
use domain::RunState;
use jiff::SignedDuration;
use local::template::{Effect, Statement, Template};
use rustix::process::Signal;
use testkit::{IMPLEMENT, INVESTIGATE};

use crate::{
    ingress_support::{DELIVERIES, JOBS, eventually},
    ingress_webhook::longest_text,
    support::{ADA, REPOSITORY, RON, World},
    worker_support::{Gate, signal},
};

/// The services whose calls are seen here, as policies call them.
const SEEN: [&str; 3] = ["dynamodb:", "sqs:", "s3:"];
/// Callers that are no part of the product: what sets the account up, and what looks on.
const OUTSIDERS: [&str; 3] = ["deployment", "observer", "tester"];
/// The owner of the only role that is no function's.
const DAEMON: &str = "daemon";

/// What a role allows although nothing here does it: who, which action, and a part of the ARN.
const UNSEEN: [(&str, &str, &str); 11] = [
    // The event source on AWS finds the stream and reads it; here it is read behind the endpoints.
    ("relay", "dynamodb:DescribeStream", "/stream/"),
    ("relay", "dynamodb:GetRecords", "/stream/"),
    ("relay", "dynamodb:GetShardIterator", "/stream/"),
    ("relay", "dynamodb:ListStreams", "/stream/"),
    // The event source on AWS looks how much is waiting.
    ("triage", "sqs:GetQueueAttributes", "DeliveriesQueue"),
    // Lambda tells of what was given up.
    ("relay", "sqs:SendMessage", "RelayFailuresQueue"),
    ("scheduler", "sqs:SendMessage", "SchedulerFailuresQueue"),
    // No definition that is built in has a second request wait.
    ("scheduler", "dynamodb:DeleteItem", "table/"),
    ("scheduler", "dynamodb:Query", "Table"),
    ("triage", "dynamodb:DeleteItem", "table/"),
    // It is never called: with it, S3 says that an object is missing instead of forbidden.
    ("triage", "s3:ListBucket", "bodiesbucket"),
];

/// Whose role a call is made with; nobody's for outsiders.
fn owner(call: &Call) -> Option<&str> {
    let caller = call.caller.as_str();
    // The event source of a function receives with the function's role.
    let owner = caller.strip_suffix("-events").unwrap_or(caller);
    (!OUTSIDERS.contains(&owner)).then_some(owner)
}

/// The action of a call as policies write it, and the ARN of what it was made on.
fn checked(call: &Call) -> (String, String) {
    let Call {
        service, resource, ..
    } = call;
    let arn = match *service {
        "s3" => format!("arn:aws:s3:::{resource}"),
        _ => format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"),
    };
    (format!("{service}:{}", call.action), arn)
}

/// Every role that code of the product has, by its owner.
fn roles(template: &Template) -> Vec<(&str, &[Statement])> {
    let functions = template.functions.iter();
    let mut roles: Vec<_> = functions
        .map(|function| (function.name.as_str(), function.statements.as_slice()))
        .collect();
    let [service] = &template.services[..] else {
        panic!("the daemons are the only service");
    };
    roles.push((DAEMON, &service.statements));
    roles
}

/// The calls that the product has made so far.
fn calls(world: &World) -> Vec<Call> {
    let made = world.stack.endpoints().calls().into_iter();
    made.map(|(call, _)| call)
        .filter(|call| owner(call).is_some())
        .collect()
}

/// Waits until `who` has done `action`.
async fn does(world: &World, who: &str, action: &str) {
    eventually(&format!("{who} calls {action}"), async || {
        let all = calls(world);
        let wanted = |call: &Call| call.caller == who && call.action == action;
        all.iter().any(wanted).then_some(())
    })
    .await;
}

/// A refusal, and a wish to stop what nobody has begun.
async fn people_are_told_no_and_stop(world: &mut World) {
    world.ask(RON, "bot:implement").await;
    world.bot_says("Only people who may write").await;
    world.next_issue().await;
    world.ask(ADA, "bot:implement").await;
    world.bot_says("`implement` is queued").await;
    world.ask(ADA, "bot:stop").await;
    world.bot_says("`implement` was stopped").await;
    world.next_issue().await;
}

/// A delivery is left half-way and its message lost, and then its job lies there for too long.
async fn the_scheduler_helps_out(world: &World) {
    let hook = world.unsent(ADA, "bot:investigate").await;
    let fault = Fault::refuse(
        "DynamoDB_20120810.PutItem",
        AwsError::new(400, "AccessDeniedException"),
    );
    let brief = |call: &serde_json::Value| call["Item"]["sk"].to_string().contains("BRF#");
    world.stack.endpoints().faults().add(fault.when(brief));
    assert_eq!(world.caller().deliver(&hook).await, 202);
    world.all_struck().await;
    world.is_interrupted(&hook.guid).await;
    let purge = world.sqs().purge_queue();
    let purge = purge.queue_url(&world.queue(DELIVERIES).url);
    purge.send().await.unwrap();
    world.advance(SignedDuration::from_mins(17));
    assert_eq!(world.stack.tick().await.unwrap()["resumed"], 1);
    world.has_started(&hook.guid, INVESTIGATE).await;
    world.advance(SignedDuration::from_mins(3));
    assert_eq!(world.stack.tick().await.unwrap()["resent"], 1);
}

/// An investigation and, asked for in a text that needs the bucket, an implementation.
async fn daemons_work(world: &mut World) {
    let gate = Gate::new();
    let mut leaving = world.daemon_with(&gate.agent(), &[("SWITCHYARD_DRAIN_SECONDS", "1")]);
    gate.reached().await;
    // For the progress.
    does(world, "relay", "Query").await;
    // After some heartbeats the message has to stay out of sight for longer.
    does(world, DAEMON, "ChangeMessageVisibility").await;
    signal(&leaving, Signal::TERM);
    leaving.wait().await.unwrap();
    let gate = Gate::new();
    let _daemon = world.daemon(&gate.agent());
    gate.reached().await;
    gate.open();
    let run = world.is_told(INVESTIGATE).await;
    assert_eq!(run.state(), RunState::Succeeded);

    let text = longest_text("It is broken:");
    let opened = world.github().open_issue(REPOSITORY, ADA, "Long", &text);
    world.issue = opened.await.unwrap();
    world.ask(ADA, &longest_text("bot:implement")).await;
    world.bot_says("`implement` succeeded").await;
    let run = world.is_told(IMPLEMENT).await;
    assert_eq!(run.state(), RunState::Succeeded);
    world.queue_holds(JOBS, 0, 0).await;
    world.queue_holds(DELIVERIES, 0, 0).await;
}

/// Every call is allowed by the role that it was made with.
fn all_is_allowed(calls: &[Call], roles: &[(&str, &[Statement])]) {
    let mut refused = BTreeSet::new();
    for call in calls {
        let (action, arn) = checked(call);
        let owner = owner(call).unwrap();
        let role = roles.iter().find(|(name, _)| *name == owner);
        let (_, statements) = role.unwrap_or_else(|| panic!("{owner:?} has no role: {call:?}"));
        let mut about = statements.iter().filter(|one| one.covers(&action, &arn));
        let allows = |one: &Statement| one.effect == Effect::Allow && one.condition.is_none();
        if !about.any(allows) {
            refused.insert(format!("{owner}: {action} on {arn}"));
        }
    }
    assert!(
        refused.is_empty(),
        "done although no role allows it: {refused:#?}"
    );
}

/// Every single thing that a role allows has been done with it, but for what is not seen here.
fn all_is_used(calls: &[Call], roles: &[(&str, &[Statement])]) {
    let mut unused = BTreeSet::new();
    for (owner, statements) in roles {
        for (action, resource) in statements.iter().flat_map(pairs) {
            let single = Statement {
                sid: None,
                effect: Effect::Allow,
                actions: vec![action.to_owned()],
                resources: vec![resource.to_owned()],
                condition: None,
            };
            let used = calls.iter().any(|call| {
                let (action, arn) = checked(call);
                self::owner(call) == Some(owner) && single.covers(&action, &arn)
            });
            if !used {
                unused.insert((*owner, action, resource));
            }
        }
    }
    for (owner, action, part) in UNSEEN {
        let before = unused.len();
        unused.retain(|one| !(one.0 == owner && one.1 == action && one.2.contains(part)));
        assert_eq!(
            unused.len() + 1,
            before,
            "{owner}: {action} on {part} is no exception"
        );
    }
    assert!(unused.is_empty(), "allowed but never done: {unused:#?}");
}

/// Each action with each resource of a statement, as far as its calls are seen here.
fn pairs(statement: &Statement) -> impl Iterator<Item = (&str, &str)> {
    let actions = statement.actions.iter();
    let actions = actions.filter(|action| SEEN.iter().any(|seen| action.starts_with(seen)));
    actions.flat_map(|action| {
        let resources = statement.resources.iter();
        resources.map(move |resource| (action.as_str(), resource.as_str()))
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_allow_what_is_done_and_nothing_else() {
    let mut world = World::start().await;
    people_are_told_no_and_stop(&mut world).await;
    the_scheduler_helps_out(&world).await;
    daemons_work(&mut world).await;
    let (calls, roles) = (calls(&world), roles(world.stack.template()));
    all_is_allowed(&calls, &roles);
    all_is_used(&calls, &roles);
}
