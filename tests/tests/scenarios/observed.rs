//! One job seen from outside: its lines in every log, its spans at a collector, and its way as it is shown.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    path::Path,
    process::Stdio,
    sync::Arc,
};

use axum::{Router, body::Bytes, extract::State, routing::post};
use http::HeaderMap;
use opentelemetry_proto::tonic::{
    collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse},
    common::v1::{KeyValue, any_value::Value as Attribute},
    trace::v1::{Span, span::SpanKind},
};
use prost::Message;
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    process::{Child, Command},
    sync::watch,
    time::timeout,
};

use crate::support::{PATIENCE, PROGRAM};

/// The spans that a job has at least: the service and the name.
const STATIONS: [(&str, &str); 14] = [
    ("webhook", "POST /webhooks/github"),
    ("webhook", "send switchyard-local-DeliveriesQueue"),
    ("triage", "process switchyard-local-DeliveriesQueue"),
    ("triage", "decide"),
    ("triage", "send switchyard-local-JobsQueue"),
    ("daemon", "process jobs"),
    ("worker", "POST /worker/v1/jobs/{job_id}/claim"),
    ("worker", "POST /worker/v1/jobs/{job_id}/git-token"),
    ("daemon", "clone"),
    ("daemon", "invoke_agent command"),
    ("daemon", "push"),
    ("daemon", "open pull request"),
    ("worker", "POST /worker/v1/jobs/{job_id}/finish"),
    ("relay", "process stream"),
];

/// A span with the service it came from.
#[derive(Clone, Debug)]
struct Seen {
    service: String,
    span: Span,
}

impl Seen {
    fn is(&self, service: &str, name: &str) -> bool {
        self.service == service && self.span.name == name
    }

    fn text(&self, name: &str) -> Option<&str> {
        text(&self.span.attributes, name)
    }
}

fn text<'a>(attributes: &'a [KeyValue], name: &str) -> Option<&'a str> {
    let found = attributes.iter().find(|attribute| attribute.key == name)?;
    match found.value.as_ref()?.value.as_ref()? {
        Attribute::StringValue(text) => Some(text),
        _ => None,
    }
}

/// A collector of spans.
#[derive(Clone)]
struct Collector(Arc<watch::Sender<Vec<Seen>>>);

impl Collector {
    async fn start() -> (SocketAddr, watch::Receiver<Vec<Seen>>) {
        let (sender, seen) = watch::channel(Vec::new());
        let router = Router::new()
            .route("/v1/traces", post(take))
            .with_state(Self(Arc::new(sender)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        (address, seen)
    }
}

async fn take(State(collector): State<Collector>, headers: HeaderMap, body: Bytes) -> Vec<u8> {
    assert_eq!(headers["content-type"], "application/x-protobuf");
    assert_eq!(headers["x-collector-key"], "k1");
    let request = ExportTraceServiceRequest::decode(body).unwrap();
    for of_service in request.resource_spans {
        let resource = of_service.resource.unwrap();
        let service = text(&resource.attributes, "service.name")
            .unwrap()
            .to_owned();
        let spans = of_service
            .scope_spans
            .into_iter()
            .flat_map(|scope| scope.spans);
        let seen = spans.map(|span| Seen {
            service: service.clone(),
            span,
        });
        collector.0.send_modify(|all| all.extend(seen));
    }
    ExportTraceServiceResponse::default().encode_to_vec()
}

/// The spans of the job's trace, once all of them have come.
fn whole(all: &[Seen]) -> Option<Vec<Seen>> {
    let job = all.iter().find(|seen| seen.is("daemon", "process jobs"))?;
    let trace = all
        .iter()
        .filter(|seen| seen.span.trace_id == job.span.trace_id);
    let trace: Vec<Seen> = trace.cloned().collect();
    let has = |(service, name): &(&str, &str)| trace.iter().any(|seen| seen.is(service, name));
    STATIONS.iter().all(has).then_some(trace)
}

/// The demonstration, which goes on serving afterwards.
fn demonstrate(state: &Path, endpoint: &str) -> Child {
    let mut command = Command::new(PROGRAM);
    command.args(["up", "--demonstrate", "--state"]).arg(state);
    for option in ["--listen", "--api", "--aws", "--github-listen"] {
        command.args([option, "127.0.0.1:0"]);
    }
    command
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        .env("OTEL_EXPORTER_OTLP_HEADERS", "x-collector-key=k1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

fn is_one_tree(spans: &[Seen]) {
    let ids: BTreeSet<&[u8]> = spans
        .iter()
        .map(|seen| seen.span.span_id.as_slice())
        .collect();
    assert_eq!(ids.len(), spans.len(), "each span has an id of its own");
    let roots: Vec<&Seen> = spans
        .iter()
        .filter(|seen| seen.span.parent_span_id.is_empty())
        .collect();
    let [root] = &roots[..] else {
        panic!("one root: {roots:#?}");
    };
    assert!(root.is("webhook", "POST /webhooks/github"));
    for seen in spans
        .iter()
        .filter(|seen| !seen.span.parent_span_id.is_empty())
    {
        let parent = seen.span.parent_span_id.as_slice();
        assert!(
            ids.contains(parent),
            "{} {} hangs in the air",
            seen.service,
            seen.span.name
        );
    }
}

fn say_what_they_must(spans: &[Seen]) {
    let find = |service, name| spans.iter().find(|seen| seen.is(service, name)).unwrap();
    let kind = |seen: &Seen| SpanKind::try_from(seen.span.kind).unwrap();
    let received = find("webhook", "POST /webhooks/github");
    assert_eq!(kind(received), SpanKind::Server);
    assert_eq!(received.text("http.route"), Some("/webhooks/github"));
    let (sent, taken) = (
        find("triage", "send switchyard-local-JobsQueue"),
        find("daemon", "process jobs"),
    );
    assert_eq!(
        (kind(sent), kind(taken)),
        (SpanKind::Producer, SpanKind::Consumer)
    );
    for (seen, operation) in [(sent, "send"), (taken, "process")] {
        assert_eq!(seen.text("messaging.system"), Some("aws_sqs"));
        assert_eq!(seen.text("messaging.operation.type"), Some(operation));
        assert_eq!(
            seen.text("messaging.destination.name"),
            Some("switchyard-local-JobsQueue")
        );
    }
    assert_eq!(
        sent.text("messaging.message.id"),
        taken.text("messaging.message.id")
    );
    let agent = find("daemon", "invoke_agent command");
    assert_eq!(agent.text("gen_ai.operation.name"), Some("invoke_agent"));
    assert_eq!(agent.text("gen_ai.agent.name"), Some("command"));
    let claim = find("worker", "POST /worker/v1/jobs/{job_id}/claim");
    assert_eq!(
        claim.span.parent_span_id, taken.span.span_id,
        "a call hangs on the attempt"
    );
    assert!(agent.span.start_time_unix_nano >= claim.span.start_time_unix_nano);
    assert!(
        spans
            .iter()
            .all(|seen| seen.span.start_time_unix_nano <= seen.span.end_time_unix_nano)
    );
}

/// Every line of both logs.
fn lines(state: &Path) -> Vec<Value> {
    let logs = ["local.jsonl", "daemon.jsonl"]
        .map(|name| std::fs::read_to_string(state.join("log").join(name)).unwrap());
    let lines = logs.iter().flat_map(|log| log.lines());
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect()
}

/// Every line that has one of the job's ids has its trace id too, and every service has one.
fn every_line_has_the_trace(lines: &[Value], trace: &str) {
    let mut ids = BTreeMap::new();
    for line in lines.iter().filter(|line| line["trace.id"] == trace) {
        for name in ["delivery.id", "run.id", "job.id"] {
            if let Some(id) = line[name].as_str() {
                assert_eq!(
                    ids.entry(name).or_insert(id),
                    &id,
                    "one request has one {name}"
                );
            }
        }
    }
    assert_eq!(ids.len(), 3);
    for line in lines {
        let of_the_job = ids.iter().any(|(name, id)| line[name] == **id);
        assert!(
            !of_the_job || line["trace.id"] == trace,
            "without its trace: {line}"
        );
    }
    let (job, run) = (ids["job.id"], ids["run.id"]);
    for (service, words) in [
        ("webhook", "queued"),
        ("webhook", "a request was answered"),
        ("triage", "was started"),
        ("triage", "is decided"),
        ("daemon", "a job is here"),
        ("worker", "a daemon has claimed the job"),
        ("worker", "minted a credential"),
        ("daemon", "comes to another stage"),
        ("daemon", "the agent has ended"),
        ("daemon", "the branch is pushed"),
        ("daemon", "the pull request is open"),
        ("worker", "ended"),
        ("daemon", "the job has ended"),
        ("relay", "the tracking comment was written"),
    ] {
        let of_the_run = |line: &&Value| {
            line["service"] == service && line["message"].as_str().unwrap().contains(words)
        };
        let line = lines
            .iter()
            .filter(|line| line["trace.id"] == trace)
            .find(of_the_run);
        let line = line.unwrap_or_else(|| panic!("{service} does not say {words:?}"));
        if ["daemon", "worker", "relay"].contains(&service) {
            assert_eq!(line["job.id"], job, "{line}");
        }
        if ["worker", "relay"].contains(&service) {
            assert_eq!(line["run.id"], run, "{line}");
        }
    }
    let ended = lines.iter().find(|line| line["RunsFinished"] == 1).unwrap();
    assert_eq!(ended["Outcome"], "succeeded");
    assert_eq!(
        ended["_aws"]["CloudWatchMetrics"][0]["Namespace"],
        "Switchyard"
    );
}

async fn is_shown(state: &Path, id: &str, trace: &str) {
    let mut command = Command::new(PROGRAM);
    let output = command
        .args(["trace", id, "--state"])
        .arg(state)
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with(&format!("trace     {trace}\n")), "{text}");
    let at = |words: &str| {
        text.find(words)
            .unwrap_or_else(|| panic!("{words}: {text}"))
    };
    let way = [
        "POST /webhooks/github 202",
        "is decided (verdict starting",
        "a daemon has claimed the job (attempt 1",
        "another stage (pushing",
        "the job has ended",
    ];
    assert!(way.iter().map(|words| at(words)).is_sorted(), "{text}");
    for executed in ["was started (implement", "the job is ours (implement"] {
        at(executed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_job_has_one_trace_from_the_delivery_to_the_comment() {
    let state = TempDir::new().unwrap();
    let (address, mut seen) = Collector::start().await;
    let mut up = demonstrate(state.path(), &format!("http://{address}"));
    let complete = seen.wait_for(|all| whole(all).is_some_and(|spans| all_hang(&spans)));
    let all = timeout(PATIENCE, complete)
        .await
        .expect("all spans come")
        .unwrap()
        .clone();
    let spans = whole(&all).unwrap();
    is_one_tree(&spans);
    say_what_they_must(&spans);
    let trace = data_encoding::HEXLOWER.encode(&spans[0].span.trace_id);
    let lines = lines(state.path());
    every_line_has_the_trace(&lines, &trace);
    let job = lines
        .iter()
        .find(|line| line["trace.id"] == *trace && line["job.id"].is_string());
    let job = job.unwrap()["job.id"].as_str().unwrap().to_owned();
    is_shown(state.path(), &job[..20], &trace).await;
    up.kill().await.unwrap();
    is_shown(state.path(), &trace, &trace).await;
}

/// Whether no span waits for its parent, which comes when it has ended.
fn all_hang(spans: &[Seen]) -> bool {
    let ids: BTreeSet<&[u8]> = spans
        .iter()
        .map(|seen| seen.span.span_id.as_slice())
        .collect();
    spans.iter().all(|seen| {
        let parent = seen.span.parent_span_id.as_slice();
        parent.is_empty() || ids.contains(parent)
    })
}
