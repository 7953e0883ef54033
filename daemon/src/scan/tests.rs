//! What an answer can do to a text, and what is sent over each wire.

use std::sync::Arc;

use axum::{Json, Router, extract::State, http::HeaderMap, response::IntoResponse};
use domain::{SeededRandom, SystemClock};
use egress::{HttpClient, HttpSettings};
use http::{StatusCode, Uri};
use proptest::prelude::*;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::{lines::ends_line, *};
use crate::model::{Credential, Provider, Wire};

const TEXT: &str = "Greet people\n\nThe password is tulip.\nIt says hello now.\n";

/// A provider that gives one answer, and keeps what it was asked.
#[derive(Clone, Debug)]
struct Played {
    answer: (StatusCode, Value),
    asked: Arc<Mutex<Vec<(Uri, HeaderMap, Value)>>>,
}

async fn answered(
    State(played): State<Played>,
    uri: Uri,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> impl IntoResponse {
    played.asked.lock().await.push((uri, headers, body));
    let (status, body) = played.answer;
    (status, Json(body))
}

async fn hangs() -> StatusCode {
    std::future::pending().await
}

async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

fn scan(wire: Wire, base: &str, model: &str) -> Scan {
    let base: url::Url = base.parse().unwrap();
    let http = HttpClient::new(&HttpSettings::new(vec![base.clone()])).unwrap();
    let credential = match wire {
        Wire::Anthropic => Credential::Key(SecretString::from("the-key")),
        Wire::OpenAi | Wire::Bedrock => Credential::Bearer(SecretString::from("the-key")),
    };
    let provider = Provider {
        wire,
        base,
        credential,
        model: None,
    };
    let way = Model::new(provider, http, Arc::new(SystemClock));
    Scan::new(way, model.to_owned(), Scan::LIMIT)
}

/// Looks over the text with a provider that answers so; gives back also what that was asked.
async fn looked(
    wire: Wire,
    status: StatusCode,
    answer: Value,
) -> (Scanned, Usage, (Uri, HeaderMap, Value)) {
    let played = Played {
        answer: (status, answer),
        asked: Arc::default(),
    };
    let router = Router::new().fallback(answered).with_state(played.clone());
    let base = serve(router).await;
    let base = match wire {
        Wire::OpenAi => format!("{base}/v1"),
        Wire::Anthropic | Wire::Bedrock => base,
    };
    let scan = scan(wire, &base, "small/model");
    let (scanned, usage) = scan.look(TEXT, &SeededRandom::new(1)).await;
    let asked = played.asked.lock().await.pop().unwrap();
    (scanned, usage, asked)
}

fn messages(text: &str, stop: &str) -> Value {
    json!({"type": "message", "model": "m", "stop_reason": stop, "content": [{"type": "text", "text": text}],
        "usage": {"input_tokens": 300, "output_tokens": 4}})
}

fn chat(text: &str, stop: &str) -> Value {
    json!({"model": "m", "choices": [{"finish_reason": stop, "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 300, "completion_tokens": 4}})
}

fn shortened() -> Scanned {
    Scanned::Shortened {
        text: "Greet people\n\nIt says hello now.\n".to_owned(),
        removed: 1,
        first: FirstLine::Kept,
    }
}

#[tokio::test]
async fn each_wire_is_asked_in_its_own_words_and_understood() {
    for (wire, path, answer, header) in [
        (
            Wire::Anthropic,
            "/v1/messages",
            messages("3", "end_turn"),
            "x-api-key",
        ),
        (
            Wire::Bedrock,
            "/model/small%2Fmodel/invoke",
            messages("3", "end_turn"),
            "authorization",
        ),
        (
            Wire::OpenAi,
            "/v1/chat/completions",
            chat("3", "stop"),
            "authorization",
        ),
    ] {
        let (scanned, usage, (uri, headers, body)) = looked(wire, StatusCode::OK, answer).await;
        assert_eq!(scanned, shortened(), "{wire:?}");
        assert_eq!(
            (usage.calls, usage.input_tokens, usage.output_tokens),
            (1, 300, 4)
        );
        assert_eq!(uri.path(), path);
        assert!(headers[header].to_str().unwrap().ends_with("the-key"));
        let named = body.get("model").map(|name| name.as_str().unwrap());
        assert_eq!(named, (wire != Wire::Bedrock).then_some("small/model"));
        let system = match wire {
            Wire::OpenAi => &body["messages"][0]["content"],
            Wire::Anthropic | Wire::Bedrock => &body["system"],
        };
        assert_eq!(system, prompt::SYSTEM);
        let user = body["messages"].as_array().unwrap().last().unwrap();
        assert_eq!(user["role"], "user");
        let user = user["content"].as_str().unwrap();
        let boundary = user.lines().last().unwrap();
        let parts: Vec<&str> = user.split(&format!("\n{boundary}\n")).collect();
        assert!(boundary.starts_with("untrusted-") && !prompt::SYSTEM.contains(boundary));
        let mark = parts[1].split(' ').next().unwrap();
        assert!(mark.len() == 8 && parts[0].ends_with(&format!("`{mark}`.\n")));
        assert!(!boundary.contains(mark) && !prompt::SYSTEM.contains(mark));
        let lines = [
            "Greet people",
            "",
            "The password is tulip.",
            "It says hello now.",
        ];
        let numbered = (1..).zip(lines);
        let numbered: Vec<String> = numbered
            .map(|(number, line)| format!("{mark} {number}| {line}"))
            .collect();
        assert_eq!(parts[1], numbered.join("\n"));
    }
}

#[tokio::test]
async fn an_answer_that_says_anything_else_changes_nothing() {
    let more = "Greet people\n\nIt says hello now. Buy tulips.\n";
    for answer in [
        more,
        "",
        "0",
        "5",
        "4-3",
        "1-5",
        "-1",
        "+1",
        "3 and 4",
        "3; 4",
        "3,",
        "none, 3",
        "99999999999999999999999",
        "The password is tulip.",
    ] {
        for (wire, body) in [
            (Wire::Anthropic, messages(answer, "end_turn")),
            (Wire::OpenAi, chat(answer, "stop")),
        ] {
            let (scanned, usage, _) = looked(wire, StatusCode::OK, body).await;
            assert_eq!(scanned, Scanned::Whole, "{answer}");
            assert_eq!(usage.output_tokens, 4, "it is paid for all the same");
        }
    }
}

#[tokio::test]
async fn an_answer_that_was_cut_off_early_or_is_none_does_not_count() {
    let error = json!({"type": "error", "error": {"type": "overloaded_error", "message": "3"}});
    for (wire, status, body) in [
        (Wire::Anthropic, 200, messages("3", "max_tokens")),
        (Wire::Anthropic, 200, messages("none, 3", "max_tokens")),
        (
            Wire::Anthropic,
            200,
            messages("I think, that", "max_tokens"),
        ),
        (Wire::OpenAi, 200, chat("3", "length")),
        (
            Wire::OpenAi,
            200,
            json!({"choices": [{"finish_reason": "stop"}]}),
        ),
        (Wire::OpenAi, 200, json!({"choices": []})),
        (Wire::Anthropic, 200, json!("3")),
        (Wire::Anthropic, 529, error.clone()),
        (Wire::OpenAi, 429, error),
        (Wire::OpenAi, 302, chat("3", "stop")),
    ] {
        let status = StatusCode::from_u16(status).unwrap();
        let (scanned, usage, _) = looked(wire, status, body.clone()).await;
        assert_eq!((scanned, usage.calls), (Scanned::Whole, 1), "{body}");
    }
}

#[tokio::test]
async fn of_an_answer_that_was_cut_off_its_whole_entries_count_and_what_follows_them_goes() {
    let first = Scanned::Shortened {
        text: "Greet people\n\n".to_owned(),
        removed: 2,
        first: FirstLine::Kept,
    };
    for (wire, body) in [
        (Wire::Anthropic, messages("3, 4", "max_tokens")),
        (
            Wire::Bedrock,
            messages("3,", "model_context_window_exceeded"),
        ),
        (Wire::OpenAi, chat("3, 1", "length")),
    ] {
        let (scanned, _, _) = looked(wire, StatusCode::OK, body.clone()).await;
        assert_eq!(scanned, first, "{body}");
    }
    let (scanned, _, _) = looked(Wire::OpenAi, StatusCode::OK, chat("1,2", "length")).await;
    assert_eq!(scanned, Scanned::HeldBack);
}

#[tokio::test]
async fn what_nobody_will_look_at_is_held_back() {
    let mut guarded = messages("3", "end_turn");
    guarded["amazon-bedrock-guardrailAction"] = json!("INTERVENED");
    let mut refused = chat("", "stop");
    refused["choices"][0]["message"]["refusal"] = json!("I cannot look at that.");
    let says = "Output blocked by content filtering policy";
    let error = |code: &str, says: &str| json!({"error": {"code": code, "message": says}});
    for (wire, status, body) in [
        (Wire::Anthropic, 200, messages("", "refusal")),
        (Wire::Bedrock, 200, guarded),
        (Wire::OpenAi, 200, refused),
        (Wire::OpenAi, 200, chat("3", "content_filter")),
        (
            Wire::OpenAi,
            200,
            json!({"choices": [{"finish_reason": "content_filter"}]}),
        ),
        (Wire::OpenAi, 400, error("content_filter", "Filtered.")),
        (
            Wire::OpenAi,
            403,
            error("content_policy_violation", "Filtered."),
        ),
        (
            Wire::Anthropic,
            400,
            json!({"type": "error", "error": {"type": "invalid_request_error", "message": says}}),
        ),
    ] {
        let status = StatusCode::from_u16(status).unwrap();
        let (scanned, usage, _) = looked(wire, status, body.clone()).await;
        assert_eq!((scanned, usage.calls), (Scanned::HeldBack, 1), "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_the_limit() {
    let base = serve(Router::new().fallback(hangs)).await;
    let begun = tokio::time::Instant::now();
    let scan = scan(Wire::Anthropic, &base, "small");
    let (scanned, usage) = scan.look(TEXT, &SeededRandom::new(1)).await;
    assert_eq!((scanned, usage.calls), (Scanned::Whole, 1));
    assert!(begun.elapsed() >= Scan::LIMIT && begun.elapsed() < 2 * Scan::LIMIT);
}

#[tokio::test]
async fn a_provider_that_is_not_there_holds_nothing_up() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let scan = scan(Wire::OpenAi, &base, "small");
    let (scanned, usage) = scan.look(TEXT, &SeededRandom::new(1)).await;
    assert_eq!((scanned, usage.calls), (Scanned::Whole, 1));
}

#[test]
fn lines_go_as_they_are_named() {
    let without = |answer| Lines::of(TEXT).without(&whole(answer));
    for none in ["none", "None.", " NONE \n"] {
        assert_eq!(without(none), Some(Scanned::Whole));
    }
    assert_eq!(without(" 3 "), Some(shortened()));
    assert_eq!(without("3-3, 3"), Some(shortened()));
    let gone = Scanned::Shortened {
        text: "\nIt says hello now.\n".to_owned(),
        removed: 2,
        first: FirstLine::Gone,
    };
    assert_eq!(without("3,1"), Some(gone));
    for all in ["1-4", "1, 3-4", "4,3,2,1"] {
        assert_eq!(without(all), Some(Scanned::HeldBack), "{all}");
    }
}

fn whole(answer: &str) -> Answer {
    Answer::Whole(answer.to_owned())
}

#[test]
fn every_sign_that_anybody_begins_a_line_behind_ends_one() {
    let ends = "\n\r\u{B}\u{C}\u{1C}\u{1D}\u{1E}\u{85}\u{2028}\u{2029}";
    for end in ends.chars() {
        let text = format!("Hello.{end}2| Fine.{end}The password is tulip.");
        let lines = Lines::of(&text);
        assert_eq!(
            lines.numbered("abcd"),
            "abcd 1| Hello.\nabcd 2| 2| Fine.\nabcd 3| The password is tulip.\n",
            "{end:?}"
        );
        let Some(Scanned::Shortened { text, .. }) = lines.without(&whole("3")) else {
            panic!("{end:?}");
        };
        assert_eq!(text, format!("Hello.{end}2| Fine.{end}"));
    }
}

/// One line for each number.
fn text_of(numbers: impl Iterator<Item = usize>) -> String {
    let lines: Vec<String> = numbers.map(|number| format!("line {number}\n")).collect();
    lines.concat()
}

/// Whether `part` is `whole` with some of its lines gone.
fn is_without_lines(part: &str, whole: &str) -> bool {
    let mut whole = whole.split_inclusive(ends_line);
    part.split_inclusive(ends_line)
        .all(|line| whole.any(|other| other == line))
}

proptest! {
    #[test]
    fn whatever_is_answered_only_takes_lines_out(
        text in "(?s)(.{0,12}[\n\r\u{85}\u{2028}]){0,8}.{0,9}",
        answer in ".*|[0-9]|[0-9, -]{0,12}",
        is_cut in any::<bool>(),
    ) {
        let answer = if is_cut { Answer::Cut(answer) } else { Answer::Whole(answer) };
        match Lines::of(&text).without(&answer) {
            None | Some(Scanned::Whole) => {}
            Some(Scanned::Shortened { text: left, removed, .. }) => {
                prop_assert!(is_without_lines(&left, &text));
                let count = |text: &str| Lines::of(text).count();
                prop_assert_eq!(count(&left) + removed, count(&text));
            }
            Some(Scanned::HeldBack) => prop_assert!(Lines::of(&text).count() > 0),
        }
    }

    #[test]
    fn the_lines_that_are_named_are_those_that_go(count in 1_usize..30, from in 1_usize..30, more in 0_usize..30) {
        let text = text_of(1..=count);
        let to = from + more;
        let answer = format!("{from}-{to}");
        let left = Lines::of(&text).without(&whole(&answer));
        if to > count {
            prop_assert_eq!(left, None);
        } else if to - from + 1 == count {
            prop_assert_eq!(left, Some(Scanned::HeldBack));
        } else {
            let kept = (1..=count).filter(|number| !(from..=to).contains(number));
            let text = text_of(kept);
            let first = if from == 1 { FirstLine::Gone } else { FirstLine::Kept };
            prop_assert_eq!(left, Some(Scanned::Shortened { text, removed: to - from + 1, first }));
        }
    }
}
