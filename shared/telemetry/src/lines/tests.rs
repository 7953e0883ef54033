use std::collections::BTreeSet;

use serde_json::Value;
use tracing::{Span, field::Empty, info, info_span};

use super::METRICS;
use crate::testing::heard;

#[test]
fn a_line_has_the_fields_of_the_spans_around_it_and_those_found_out_later() {
    let (lines, _) = heard(|| {
        let request = info_span!(
            "request",
            trace.id = Empty,
            run.id = Empty,
            http.route = "/a"
        );
        request.in_scope(|| {
            info!("before");
            Span::current().record("trace.id", "t");
            let _detail = info_span!(target: "otel", "call", http.route = "hidden").entered();
            info!(http.route = "/b", attempt = 3_u64, late = true, "inside");
        });
    });
    let [before, inside] = &lines[..] else {
        panic!("{lines:?}");
    };
    assert_eq!(before["message"], "before");
    assert_eq!(
        (before["level"].as_str(), before["service"].as_str()),
        (Some("INFO"), Some("api"))
    );
    assert_eq!(before.get("trace.id"), None);
    assert_eq!(before["http.route"], "/a");
    assert_eq!(inside["trace.id"], "t");
    assert_eq!(inside.get("run.id"), None);
    assert_eq!(
        inside["http.route"], "/b",
        "the inner one hides the outer one"
    );
    assert_eq!(
        (inside["attempt"].as_u64(), inside["late"].as_bool()),
        (Some(3), Some(true))
    );
    assert!(before["timestamp"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn fields_for_export_alone_are_not_in_lines() {
    let (lines, _) = heard(|| {
        let span = info_span!("job", otel.kind = "consumer", messaging.system = "aws_sqs");
        span.in_scope(|| info!("line"));
    });
    let mut keys: Vec<&String> = lines[0].as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["level", "message", "service", "target", "timestamp"]);
}

#[test]
fn several_services_may_share_a_process() {
    let (lines, _) = heard(|| {
        info_span!("function", service = "relay").in_scope(|| {
            info!(metric.CommentsWritten = 1_u64, "told");
        });
    });
    assert_eq!(lines[0]["service"], "relay");
    assert_eq!(lines[0]["Service"], "relay");
}

/// What CloudWatch's specification of the format demands of a document.
fn is_a_document(line: &Value) {
    let aws = &line["_aws"];
    assert!(
        aws["Timestamp"].as_i64().unwrap() > 1_600_000_000_000,
        "milliseconds since 1970"
    );
    let directives = aws["CloudWatchMetrics"].as_array().unwrap();
    assert!(!directives.is_empty());
    for directive in directives {
        let namespace = directive["Namespace"].as_str().unwrap();
        assert!((1..=1024).contains(&namespace.len()));
        for set in directive["Dimensions"].as_array().unwrap() {
            let set = set.as_array().unwrap();
            assert!(set.len() <= 30);
            for name in set {
                let value = line[name.as_str().unwrap()].as_str();
                assert!(
                    (1..=1024).contains(&value.unwrap().len()),
                    "{name} is a text at the root"
                );
            }
        }
        let metrics = directive["Metrics"].as_array().unwrap();
        assert!((1..=100).contains(&metrics.len()));
        for metric in metrics {
            let name = metric["Name"].as_str().unwrap();
            assert!(line[name].is_number(), "{name} is a number at the root");
            assert!(["Count", "Seconds"].contains(&metric["Unit"].as_str().unwrap()));
        }
    }
}

#[test]
fn metrics_make_a_line_a_document_of_the_embedded_metric_format() {
    let (lines, _) = heard(|| {
        info!(
            metric.RunsFinished = 1_u64,
            metric.RunSeconds = 12.5,
            dimension.Outcome = "succeeded",
            run.id = "run_1",
            "the run ended"
        );
        info!("no metrics");
    });
    let line = &lines[0];
    is_a_document(line);
    let directive = &line["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(directive["Namespace"], "Switchyard");
    let dimensions = serde_json::json!([["Service", "Stage"], ["Service", "Stage", "Outcome"]]);
    assert_eq!(directive["Dimensions"], dimensions);
    assert_eq!(
        directive["Metrics"],
        serde_json::json!([
            { "Name": "RunsFinished", "Unit": "Count" },
            { "Name": "RunSeconds", "Unit": "Seconds" },
        ])
    );
    assert_eq!(
        (line["RunsFinished"].as_u64(), line["RunSeconds"].as_f64()),
        (Some(1), Some(12.5))
    );
    assert_eq!(line["Stage"], "test");
    assert_eq!(line["Outcome"], "succeeded");
    assert_eq!(line["run.id"], "run_1", "it still is a line");
    assert_eq!(
        line["level"], "INFO",
        "or Lambda would not know what to filter it by"
    );
    assert_eq!(lines[1].get("_aws"), None);
}

#[test]
fn metrics_have_names_of_their_own() {
    let names: BTreeSet<&str> = METRICS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names.len(), METRICS.len());
}
