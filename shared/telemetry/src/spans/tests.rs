use std::collections::HashMap;

use opentelemetry::trace::{SpanId, SpanKind, Status};
use tracing::{Span, field::Empty, info_span};

use super::{Endpoint, WrongEndpoint};
use crate::testing::heard;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

#[test]
fn spans_of_different_processes_make_one_tree() {
    let (_, spans) = heard(|| {
        let webhook = info_span!(
            "http",
            trace.id = Empty,
            otel.kind = "server",
            otel.key = "delivery"
        );
        webhook.in_scope(|| {
            info_span!("send", otel.kind = "producer").in_scope(|| ());
            // The trace is known only after something inside has ended.
            Span::current().record("trace.id", TRACE);
        });
        info_span!("process", trace.id = TRACE, otel.parent = "delivery").in_scope(|| {
            info_span!("outer").in_scope(|| {
                info_span!("inner", otel.name = "renamed", error.type = "404").in_scope(|| ());
            });
        });
    });
    let named = |name: &str| spans.iter().find(|span| span.name == name).unwrap();
    let id = |name: &str| named(name).span_context.span_id();
    assert_eq!(spans.len(), 5);
    assert!(
        spans
            .iter()
            .all(|span| span.span_context.trace_id().to_string() == TRACE)
    );
    assert_eq!(named("http").parent_span_id, SpanId::INVALID);
    assert_eq!(named("send").parent_span_id, id("http"));
    assert_eq!(named("process").parent_span_id, id("http"));
    assert!(named("process").parent_span_is_remote);
    assert_eq!(named("outer").parent_span_id, id("process"));
    assert_eq!(named("renamed").parent_span_id, id("outer"));
    assert_eq!(named("renamed").status, Status::error("404"));
    assert_eq!(named("send").span_kind, SpanKind::Producer);
    assert!(named("http").start_time <= named("http").end_time);
}

#[test]
fn what_belongs_to_no_trace_has_its_own_or_is_not_told() {
    let (_, spans) = heard(|| {
        info_span!("refused", trace.id = Empty).in_scope(|| ());
        info_span!("refused", trace.id = "not a trace").in_scope(|| ());
        info_span!("idle").in_scope(|| ());
    });
    let traces: Vec<_> = spans
        .iter()
        .map(|span| span.span_context.trace_id())
        .collect();
    assert_eq!(traces.len(), 2);
    assert_ne!(traces[0], traces[1]);
    assert!(spans.iter().all(|span| span.span_context.is_valid()));
}

#[test]
fn what_is_dropped_takes_along_what_is_inside_it() {
    let (_, spans) = heard(|| {
        let refused = info_span!("refused", trace.id = TRACE, otel.dropped = Empty);
        refused.in_scope(|| {
            info_span!("inside").in_scope(|| ());
            Span::current().record("otel.dropped", "a stranger's");
        });
        info_span!("taken", trace.id = TRACE, otel.dropped = Empty).in_scope(|| ());
    });
    let names: Vec<_> = spans.iter().map(|span| span.name.as_ref()).collect();
    assert_eq!(names, ["taken"]);
}

fn endpoint(vars: &[(&str, &str)]) -> Result<Option<String>, WrongEndpoint> {
    let vars: HashMap<String, String> = vars
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let endpoint = Endpoint::from_vars(&vars)?;
    Ok(endpoint.map(|endpoint| endpoint.as_str().to_owned()))
}

#[test]
fn the_endpoint_is_found_as_the_specification_says() {
    let all = "OTEL_EXPORTER_OTLP_ENDPOINT";
    let traces = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    assert_eq!(endpoint(&[]), Ok(None));
    assert_eq!(endpoint(&[(all, " "), (traces, "")]), Ok(None));
    let found = |vars: &[_]| endpoint(vars).unwrap().unwrap();
    assert_eq!(found(&[(all, "http://c:4318/")]), "http://c:4318/v1/traces");
    assert_eq!(found(&[(all, "https://c/x")]), "https://c/x/v1/traces");
    assert_eq!(
        found(&[(all, "http://a"), (traces, "http://b/y")]),
        "http://b/y"
    );
    assert_eq!(
        endpoint(&[(all, "collector:4318")]),
        Err(WrongEndpoint(all))
    );
    assert_eq!(endpoint(&[(traces, "ftp://c")]), Err(WrongEndpoint(traces)));
}
