//! How sessions are read.

use std::os::unix::process::ExitStatusExt;

use domain::Cost;

use super::*;

fn account(lines: &[&str], raw_status: impl Into<Option<i32>>) -> AgentResult {
    let mut reader = Box::new(StreamReader::default());
    for line in lines {
        reader.line(line);
    }
    reader.end(raw_status.into().map(ExitStatus::from_raw))
}

fn kind(lines: &[&str], raw_status: impl Into<Option<i32>>) -> Option<FailureKind> {
    account(lines, raw_status)
        .failure
        .map(|failure| failure.kind())
}

#[test]
fn what_the_agent_says_and_does_is_news() {
    let mut reader = StreamReader::default();
    let mut shown = |line: &str| reader.line(line);
    let text = r#"{"type":"assistant","message":{"id":"m","content":[{"type":"text","text":"Looking.\nNow."}]}}"#;
    assert_eq!(shown(text).as_deref(), Some("Looking. Now."));
    let tool = r#"{"type":"assistant","message":{"content":[{"type":"tool_use","id":"t","name":"Bash","input":{"command":"make test"}}]}}"#;
    assert_eq!(shown(tool).as_deref(), Some("Bash: make test"));
    let bare = r#"{"type":"assistant","message":{"content":[{"type":"tool_use","name":"TodoWrite","input":{"todos":[]}}]}}"#;
    assert_eq!(shown(bare).as_deref(), Some("TodoWrite"));
    let thinking =
        r#"{"type":"assistant","message":{"content":[{"type":"thinking","thinking":"hm"}]}}"#;
    assert_eq!(shown(thinking), None);
    for other in [
        r#"{"type":"system","subtype":"init"}"#,
        r#"{"type":"user","message":{"content":"text"}}"#,
        r#"{"type":"rate_limit_event"}"#,
        "garbage",
        "{}",
    ] {
        assert_eq!(shown(other), None, "{other}");
    }
}

#[test]
fn errors_of_the_provider_are_told_in_our_own_words_alone() {
    let mut reader = StreamReader::default();
    for raw in [
        r#"{"type":"assistant","error":"unknown","message":{"model":"<synthetic>","content":[{"type":"text","text":"API Error: 503 upstream llm-7.internal:8443"}]}}"#,
        r#"{"type":"assistant","message":{"model":"<synthetic>","content":[{"type":"text","text":"API Error: llm-7.internal"}]}}"#,
        r#"{"type":"assistant","error":"rate_limit","message":{"content":[{"type":"text","text":"llm-7.internal"}]}}"#,
    ] {
        assert_eq!(reader.line(raw), None, "{raw}");
    }
    let retry = r#"{"type":"system","subtype":"api_retry","attempt":2,"error_status":529,"error":"overloaded llm-7.internal"}"#;
    assert_eq!(
        reader.line(retry).as_deref(),
        Some("The model did not answer; try 2 follows")
    );
}

#[test]
fn success_needs_a_result_without_error_and_exit_code_zero() {
    let good = r#"{"type":"result","subtype":"success","is_error":false,"result":"Fixed.","total_cost_usd":0.0237,"permission_denials":[{"tool_name":"Bash"},{"tool_name":"Bash"}]}"#;
    let done = account(&["noise", good], 0);
    assert_eq!((done.failure, done.cost), (None, Some(Cost(23_700))));
    assert_eq!(done.words.as_deref(), Some("Fixed."));
    assert_eq!(done.denied, ["Bash"]);
    let failed = Some(FailureKind::AgentFailed);
    assert_eq!(kind(&[good], 256), failed);
    assert_eq!(kind(&[good], None), failed);
    assert_eq!(kind(&[], 0), failed);
    assert_eq!(kind(&[], 143 << 8), failed);
    assert_eq!(kind(&[r#"{"type":"result"}"#], 0), failed);
}

#[test]
fn the_model_and_its_tokens_are_told() {
    let init = r#"{"type":"system","subtype":"init","model":"claude-x"}"#;
    let end = r#"{"type":"result","is_error":false,"usage":{"input_tokens":5,"cache_creation_input_tokens":10,"cache_read_input_tokens":100,"output_tokens":7}}"#;
    let done = account(&[init, end], 0);
    assert_eq!(done.model.as_deref(), Some("claude-x"));
    let usage = done.usage.unwrap();
    assert_eq!(
        (
            usage.input_tokens,
            usage.cache_write_tokens,
            usage.cache_read_tokens,
            usage.output_tokens
        ),
        (5, 10, 100, 7)
    );
}

#[test]
fn each_class_of_failure_is_told_apart() {
    let failed =
        |rest: &str| format!(r#"{{"type":"result","is_error":true,"result":"API Error",{rest}}}"#);
    for (rest, expected) in [
        (
            r#""subtype":"success","api_error_status":529"#,
            FailureKind::ModelUnavailable,
        ),
        (
            r#""subtype":"success","api_error_status":401"#,
            FailureKind::ModelKeyRejected,
        ),
        (
            r#""subtype":"success","api_error_status":402"#,
            FailureKind::ModelCreditExhausted,
        ),
        (
            r#""subtype":"success","api_error_status":404"#,
            FailureKind::ModelUnknown,
        ),
        (
            r#""subtype":"success","api_error_status":429"#,
            FailureKind::ModelLimited,
        ),
        (
            r#""subtype":"success","api_error_status":400"#,
            FailureKind::AgentFailed,
        ),
        (
            r#""subtype":"error_max_turns""#,
            FailureKind::AgentTurnsUsed,
        ),
        (
            r#""subtype":"success","stop_reason":"refusal""#,
            FailureKind::AgentDeclined,
        ),
        (
            r#""subtype":"error_during_execution""#,
            FailureKind::AgentFailed,
        ),
    ] {
        assert_eq!(kind(&[&failed(rest)], 256), Some(expected), "{rest}");
    }
}

#[test]
fn a_refusal_is_none_of_success_and_carries_its_reason() {
    let said = r#"{"type":"assistant","message":{"model":"m","content":[{"type":"text","text":"I will not\ndo this."}]}}"#;
    let own = r#"{"type":"assistant","message":{"model":"<synthetic>","content":[{"type":"text","text":"API Error: see our policy"}]}}"#;
    let refused = r#"{"type":"result","subtype":"success","is_error":true,"stop_reason":"refusal","result":"API Error: see our policy"}"#;
    let failure = account(&[said, own, refused], 256).failure.unwrap();
    assert_eq!(failure.kind(), FailureKind::AgentDeclined);
    assert_eq!(failure.names(), ["I will not do this."]);
}

#[test]
fn a_limit_told_in_the_models_place_is_no_answer() {
    let own = |text: &str| {
        format!(
            r#"{{"type":"assistant","message":{{"model":"<synthetic>","content":[{{"type":"text","text":"{text}"}}]}}}}"#
        )
    };
    let end = |text: &str| format!(r#"{{"type":"result","is_error":false,"result":"{text}"}}"#);
    let limit = "You've hit your limit · resets 3pm (UTC)";
    let ended = account(&[&own(limit), &end(limit)], 0);
    assert_eq!(
        ended.failure.map(|failure| failure.kind()),
        Some(FailureKind::ModelLimited)
    );
    assert_eq!(ended.words, None);
    assert_eq!(
        kind(&[&own("Something else"), &end("Something else")], 0),
        Some(FailureKind::AgentFailed)
    );
    // The same words by the model are an answer: an issue may be about them.
    let said = own(limit).replace("<synthetic>", "claude-x");
    assert_eq!(kind(&[&said, &end(limit)], 0), None);
}

#[test]
fn a_refused_key_ends_the_session_after_the_first_record_of_it() {
    let retry = |status: &str| {
        format!(r#"{{"type":"system","subtype":"api_retry","attempt":1,"error_status":{status}}}"#)
    };
    for (status, hopeless) in [
        ("401", Some(FailureKind::ModelKeyRejected)),
        ("403", Some(FailureKind::ModelKeyRejected)),
        ("402", Some(FailureKind::ModelCreditExhausted)),
        ("429", None),
        ("529", None),
        ("null", None),
    ] {
        let mut reader = Box::new(StreamReader::default());
        reader.line(&retry(status));
        assert_eq!(
            reader.hopeless().map(|failure| failure.kind()),
            hopeless,
            "{status}"
        );
    }
    // Killed in the midst of its tries.
    assert_eq!(
        kind(&[&retry("529")], None),
        Some(FailureKind::ModelUnavailable)
    );
    assert_eq!(kind(&[&retry("429")], 137), Some(FailureKind::ModelLimited));
}

#[test]
fn a_tool_at_work_is_known_until_it_answers() {
    let mut reader = StreamReader::default();
    let call = |id: &str| {
        format!(
            r#"{{"type":"assistant","message":{{"content":[{{"type":"tool_use","id":"{id}","name":"Bash","input":{{}}}}]}}}}"#
        )
    };
    let answer = |id: &str| {
        format!(
            r#"{{"type":"user","message":{{"content":[{{"type":"tool_result","tool_use_id":"{id}","content":"x"}}]}}}}"#
        )
    };
    assert!(!reader.waits_for_tool());
    reader.line(&call("one"));
    reader.line(&call("two"));
    reader.line(&answer("one"));
    assert!(reader.waits_for_tool());
    reader.line(&answer("two"));
    assert!(!reader.waits_for_tool());
    reader.line(&call("three"));
    reader.line(r#"{"type":"result","is_error":false}"#);
    assert!(!reader.waits_for_tool());
}
