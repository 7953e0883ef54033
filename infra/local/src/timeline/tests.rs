use super::{NoTimeline, Timeline};

const WEBHOOK: &str = r#"{"timestamp":"2026-01-02T03:04:05.100000Z","level":"INFO","service":"webhook","trace.id":"aa11","delivery.id":"guid-1","http.request.method":"POST","http.route":"/webhooks/github","http.response.status_code":202,"duration.seconds":0.0123,"message":"a request was answered"}"#;
const TRIAGE: &str = r#"{"timestamp":"2026-01-02T03:04:05.300000Z","level":"INFO","service":"triage","trace.id":"aa11","delivery.id":"guid-1","job.id":"job_1","message":"delivery guid-1 is decided","steps":"verified: the signature holds; matched: implement on #7","Verdict":"started"}"#;
const DAEMON: &str = r#"{"timestamp":"2026-01-02T03:04:09.300000Z","level":"WARN","service":"daemon","trace.id":"aa11","run.id":"run_1","job.id":"job_1","message":"the branch could not be pushed","error":"refused"}"#;
const OTHER: &str = r#"{"timestamp":"2026-01-02T03:04:05.200000Z","level":"INFO","service":"webhook","trace.id":"ab22","delivery.id":"guid-2","message":"delivery guid-2 queued"}"#;

/// The daemon's log is another file, and a line of it was cut off.
fn find(id: &str) -> Result<Timeline, NoTimeline> {
    Timeline::find(
        id,
        [DAEMON, r#"{"timestamp":"2026"#, "", WEBHOOK, OTHER, TRIAGE],
    )
}

#[test]
fn any_id_and_any_beginning_of_one_leads_to_the_same_way() {
    let whole = find("aa11").unwrap().to_string();
    for id in ["aa", "guid-1", "run_1", "job_"] {
        assert_eq!(find(id).unwrap().to_string(), whole, "{id}");
    }
}

#[test]
fn a_whole_id_is_not_taken_for_the_beginning_of_others() {
    let longer = OTHER.replace("guid-2", "guid-12");
    let found = Timeline::find("guid-1", [WEBHOOK, TRIAGE, &longer]).unwrap();
    assert!(!found.to_string().contains("guid-12"));
}

#[test]
fn the_way_is_told_in_its_order_with_its_times() {
    let text = find("job_1").unwrap().to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "trace     aa11");
    assert_eq!(lines[1], "delivery  guid-1");
    assert!(lines.iter().all(|line| !line.contains("guid-2")));
    let at = |part: &str| lines.iter().position(|line| line.contains(part)).unwrap();
    let request = at("POST /webhooks/github 202 in 12.3 ms");
    let decided = at("delivery guid-1 is decided (verdict started)");
    let failed = at("WARN the branch could not be pushed (refused)");
    assert!(request < decided && decided < at("- matched: implement on #7"));
    assert!(at("- matched: implement on #7") < failed);
    assert!(
        lines[decided].starts_with("    0.200 s"),
        "{}",
        lines[decided]
    );
    assert!(
        lines[failed].contains("4.200 s    +4.000  daemon"),
        "{}",
        lines[failed]
    );
    assert!(text.ends_with("4.200 s in all, 3 lines\n"));
}

#[test]
fn what_is_executed_is_told() {
    let line = |service: &str, name: &str| {
        format!(
            r#"{{"timestamp":"2026-01-02T03:04:05Z","service":"{service}","trace.id":"aa11","message":"said","{name}":"implement"}}"#
        )
    };
    let lines = [line("triage", "Definition"), line("daemon", "definition")];
    let told = Timeline::find("aa11", lines.iter().map(String::as_str))
        .unwrap()
        .to_string();
    assert_eq!(told.matches("said (implement)").count(), 2, "{told}");
}

#[test]
fn what_is_unknown_or_ambiguous_is_said() {
    assert_eq!(
        find("zz").unwrap_err(),
        NoTimeline::Unknown("zz".to_owned())
    );
    let ambiguous = find("guid").unwrap_err().to_string();
    assert!(ambiguous.ends_with("aa11, ab22"), "{ambiguous}");
}
