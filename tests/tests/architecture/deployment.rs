//! The template against the code: queues, the table and its stream.

use std::{collections::BTreeSet, time::Duration};

use contract::DeliveryMessage;
use domain::{
    DeliveryKey, Fence, Provider, RunHead, RunId, RunKey, RunSequence, SeededRandom, StepAttempt,
};
use jiff::Timestamp;
use serde_json::Value as Json;
use serde_norway::Value;
use store::{SortKind, keys::Name};
use testkit::IMPLEMENT;

use crate::{
    sources::sources,
    template::{Template, items, text},
    workspace::read,
};

#[test]
fn an_interruption_is_on_record_before_triage_runs_out_of_time() {
    let limit = Duration::from_secs(Template::read().function("triage").number("Timeout"));
    let needed = intake::Triage::WITHIN + kit::LONGEST_CALL;
    assert!(
        needed < limit,
        "deciding and recording that it was not take {needed:?}, the function has {limit:?}"
    );
}

#[test]
fn relay_begins_nothing_that_it_cannot_end_or_put_off() {
    let limit = Duration::from_secs(Template::read().function("relay").number("Timeout"));
    let needed = relay::BEGINNING + notify::Relay::TIME + kit::LONGEST_CALL;
    assert!(
        needed < limit,
        "beginning, telling and putting off take {needed:?}, the function has {limit:?}"
    );
}

#[test]
fn a_daemon_is_answered_however_slow_github_is() {
    let limit = Duration::from_secs(Template::read().function("worker").number("Timeout"));
    let needed = settings::SWITCHYARD_GITHUB_MILLIS.default_value().unwrap() + kit::ATTEMPT;
    assert!(
        needed < limit,
        "GitHub and a slow try of the table take {needed:?}, the function has {limit:?}"
    );
}

#[test]
fn the_table_is_the_one_that_the_store_expects() {
    let template = Template::read();
    let [table] = &template.of_type("AWS::DynamoDB::Table")[..] else {
        panic!("one table holds everything");
    };
    let defined = store::definition();
    assert_eq!(
        key_schema(table.property("KeySchema")),
        [defined.partition, defined.sort]
    );
    let time_to_live = &table.property("TimeToLiveSpecification")["AttributeName"];
    assert_eq!(text(time_to_live), defined.ttl);
    let indexes = items(table.property("GlobalSecondaryIndexes"));
    assert_eq!(indexes.len(), defined.indexes.len());
    for (index, expected) in indexes.iter().zip(defined.indexes) {
        assert_eq!(text(&index["IndexName"]), expected.name);
        assert_eq!(
            key_schema(&index["KeySchema"]),
            [expected.partition, expected.sort]
        );
        assert_eq!(text(&index["Projection"]["ProjectionType"]), "KEYS_ONLY");
    }
    let types: BTreeSet<(String, String)> = items(table.property("AttributeDefinitions"))
        .into_iter()
        .map(|attribute| {
            (
                text(&attribute["AttributeName"]),
                text(&attribute["AttributeType"]),
            )
        })
        .collect();
    let attribute = |name: &str, kind: &str| (name.to_owned(), kind.to_owned());
    let of_indexes = defined.indexes.into_iter().flat_map(|index| {
        let kind = match index.kind {
            SortKind::Number => "N",
            SortKind::Text => "S",
        };
        [attribute(index.partition, "S"), attribute(index.sort, kind)]
    });
    let keys = [defined.partition, defined.sort].map(|name| attribute(name, "S"));
    let expected: BTreeSet<_> = keys.into_iter().chain(of_indexes).collect();
    assert_eq!(types, expected);
}

#[test]
fn the_dashboard_shows_metrics_that_are_written() {
    let template = Template::read();
    let board = text(template.resource("Dashboard").property("DashboardBody"));
    let written = read("shared/telemetry/src/lines/metrics.rs");
    let shown = metrics_of_ours(&board);
    assert!(shown.len() > 10, "{shown:?}");
    for metric in shown {
        assert!(
            written.contains(&format!("(\"{metric}\", Unit::")),
            "the dashboard shows {metric}, which is no metric of the product"
        );
    }
    assert_eq!(
        metrics_of_ours(r#"["Switchyard", "One", ..] MetricName=\"Two\" ["AWS/SQS", "Three"]"#),
        BTreeSet::from(["One", "Two"])
    );
}

#[test]
fn each_metric_that_is_written_is_registered_and_explained() {
    let shipped = sources().iter().filter(|source| source.shipped());
    let written: BTreeSet<&str> = shipped
        .flat_map(|source| metrics_written(&source.text))
        .collect();
    let registry = read("shared/telemetry/src/lines/metrics.rs");
    let registered: BTreeSet<&str> = registry
        .split("(\"")
        .filter_map(|entry| Some(entry.split_once("\", Unit::")?.0))
        .collect();
    assert_eq!(written, registered, "written, and registered");
    let explained = read("docs/observing.md");
    for name in written {
        assert!(
            explained.contains(&format!("`{name}`")),
            "{name} is not explained"
        );
    }
    assert_eq!(
        metrics_written("a(metric.One = 1_u64, metric.Two=x);"),
        ["One", "Two"]
    );
}

/// The names of the metrics that a file writes as fields of events.
fn metrics_written(code: &str) -> Vec<&str> {
    let fields = code.split("metric.").skip(1);
    let names = fields.filter_map(|rest| {
        let (name, rest) = rest.split_at(rest.find(|c: char| !c.is_ascii_alphanumeric())?);
        let named = name.starts_with(|first: char| first.is_ascii_uppercase());
        (named && rest.trim_start().starts_with('=')).then_some(name)
    });
    names.collect()
}

#[test]
fn queues_fit_their_messages_and_their_readers() {
    let template = Template::read();
    let lease = u64::try_from(StepAttempt::LEASE.as_secs()).unwrap();
    assert_eq!(
        template.resource("JobsQueue").number("VisibilityTimeout"),
        lease,
        "a job's message is hidden for as long as its lease holds"
    );
    assert_eq!(
        template
            .resource("DeliveriesQueue")
            .number("MaximumMessageSize"),
        u64::try_from(DeliveryMessage::SIZE_LIMIT).unwrap(),
        "webhook puts everything larger into the bucket"
    );
    let mut readers = 0;
    for function in template.of_type("AWS::Serverless::Function") {
        for event in function.events("SQS") {
            readers += 1;
            let queue = template.resource(&text(&event["Queue"]));
            let (hidden, timeout) = (
                queue.number("VisibilityTimeout"),
                function.number("Timeout"),
            );
            assert!(
                hidden >= 6 * timeout,
                "{} hides a message for {hidden} s; {} may need 6 x {timeout} s",
                queue.id,
                function.id
            );
            let answers = items(&event["FunctionResponseTypes"]).into_iter().map(text);
            assert_eq!(answers.collect::<Vec<_>>(), ["ReportBatchItemFailures"]);
        }
    }
    assert!(readers > 0);
}

#[test]
fn what_is_given_up_is_kept_longer_than_what_waits() {
    let template = Template::read();
    let mut redriven = 0;
    for queue in template.of_type("AWS::SQS::Queue") {
        let policy = queue.property("RedrivePolicy");
        if policy.is_null() {
            continue;
        }
        redriven += 1;
        let last = template.resource(&text(&policy["deadLetterTargetArn"]));
        assert!(
            last.number("MessageRetentionPeriod") > queue.number("MessageRetentionPeriod"),
            "{} forgets before {} gives up",
            last.id,
            queue.id
        );
        assert!(
            last.property("RedrivePolicy").is_null(),
            "{} gives up too",
            last.id
        );
    }
    assert_eq!(redriven, 2, "deliveries and jobs have dead-letter queues");
}

#[test]
fn the_stream_carries_exactly_what_relay_tells() {
    let template = Template::read();
    let relay = template.function("relay");
    let [event] = relay.events("DynamoDB")[..] else {
        panic!("relay reads one stream");
    };
    let prefixes = sort_key_prefixes(event);
    for name in one_of_each_name() {
        let key = name.key();
        let carried = prefixes
            .iter()
            .any(|prefix| key.sk.starts_with(prefix.as_str()));
        assert_eq!(
            carried,
            notify::ChangeRecord::of(&key).is_some(),
            "{key}: carried to relay (left), told by relay (right)"
        );
    }
    for prefix in &prefixes {
        let known = one_of_each_name()
            .iter()
            .any(|name| name.key().sk.starts_with(prefix.as_str()));
        assert!(known, "no key starts with {prefix}");
    }
}

/// The names of the product's own metrics on a dashboard, in lists and in searches.
fn metrics_of_ours(board: &str) -> BTreeSet<&str> {
    ["[\"Switchyard\", \"", "MetricName=\\\""]
        .into_iter()
        .flat_map(|before| board.split(before).skip(1))
        .map(|after| after.split(['"', '\\']).next().unwrap())
        .collect()
}

fn key_schema(schema: &Value) -> [String; 2] {
    let keys = items(schema).into_iter();
    let keys: Vec<String> = keys.map(|key| text(&key["AttributeName"])).collect();
    keys.try_into().unwrap()
}

fn sort_key_prefixes(event: &Value) -> Vec<String> {
    let filters = items(&event["FilterCriteria"]["Filters"]);
    let patterns = filters.into_iter().map(|filter| text(&filter["Pattern"]));
    let prefixes: Vec<String> = patterns
        .map(|pattern| serde_json::from_str::<Json>(&pattern).unwrap())
        .flat_map(|pattern| {
            pattern["dynamodb"]["Keys"]["sk"]["S"]
                .as_array()
                .unwrap()
                .clone()
        })
        .map(|rule| rule["prefix"].as_str().unwrap().to_owned())
        .collect();
    assert!(!prefixes.is_empty());
    prefixes
}

fn one_of_each_name() -> Vec<Name> {
    let connection = testkit::connection("default", 5);
    let subject = testkit::issue_key(&connection, 3, 7);
    let run = RunKey {
        subject: subject.clone(),
        name: IMPLEMENT,
        sequence: RunSequence::FIRST,
    };
    let delivery = DeliveryKey::by(&connection, "7c1d3e60".parse().unwrap());
    let id = RunId::mint(Timestamp::UNIX_EPOCH, &SeededRandom::new(1));
    let all = vec![
        Name::Run(run.clone()),
        Name::Step(run.clone(), RunHead::only_step()),
        Name::Tracking(run.clone()),
        Name::Ask(subject.clone(), IMPLEMENT, id),
        Name::Events {
            run: run.clone(),
            fence: Fence(1),
            first: 0,
        },
        Name::Findings(run),
        Name::Brief(subject.clone(), id),
        Name::Stop(subject.clone()),
        Name::Answered(subject, "ron".parse().unwrap()),
        Name::Slot {
            tenant: connection.tenant().clone(),
            connection: connection.id(),
            minute: 1,
        },
        Name::Gaps(Provider::Github),
        Name::Delivery(delivery),
    ];
    // A kind of key that is new is missing above until this match, which names them all, is mended.
    for name in &all {
        match name {
            Name::Run(_)
            | Name::Step(..)
            | Name::Tracking(_)
            | Name::Ask(..)
            | Name::Events { .. }
            | Name::Findings(_)
            | Name::Brief(..)
            | Name::Stop(_)
            | Name::Answered(..)
            | Name::Slot { .. }
            | Name::Gaps(_)
            | Name::Delivery(_) => {}
        }
    }
    all
}
