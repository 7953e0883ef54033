//! A model provider by script, which speaks Anthropic's Messages API and, where nothing is streamed, `OpenAI`'s Chat Completions.

use std::{collections::VecDeque, convert::Infallible};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use switchyard_daemon::Model;

use super::{Shared, model, serve};

/// One answer to a call.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// The model says this and ends.
    Says(&'static str),
    /// The model calls a tool.
    Calls(&'static str, Value),
    /// The model declines and says why.
    Declines(&'static str),
    /// The provider answers with an error: status, type, message, and further headers.
    Fails(u16, &'static str, &'static str, Vec<(&'static str, String)>),
    /// The provider begins to answer and goes on no more.
    Hangs,
}

#[derive(Debug, Default)]
struct Script {
    replies: VecDeque<Reply>,
    calls: Vec<(HeaderMap, Value)>,
}

/// The provider. The last answer is given again and again.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
    script: Shared<Script>,
    /// Its address.
    pub(crate) address: String,
}

impl Upstream {
    /// Starts one that gives `replies`.
    pub(crate) async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let script = Shared::<Script>::default();
        script.lock().replies = replies.into_iter().collect();
        let router = Router::new().fallback(answer).with_state(script.clone());
        let address = serve(router).await;
        Self { script, address }
    }

    /// The way to it.
    pub(crate) fn model(&self) -> Model {
        model(&self.address)
    }

    /// How many calls there were.
    pub(crate) fn calls(&self) -> usize {
        self.script.lock().calls.len()
    }

    /// The headers and body of a call.
    pub(crate) fn call(&self, number: usize) -> (HeaderMap, Value) {
        self.script.lock().calls[number].clone()
    }
}

async fn answer(
    State(script): State<Shared<Script>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !matches!(uri.path(), "/v1/messages" | "/v1/chat/completions") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let mut script = script.lock();
    let body: Value = serde_json::from_slice(&body).unwrap();
    let streamed_to = body["stream"] == true;
    script.calls.push((headers, body));
    let reply = if script.replies.len() > 1 {
        script.replies.pop_front()
    } else {
        script.replies.front().cloned()
    };
    match reply.expect("there is an answer") {
        Reply::Says(text) if !streamed_to => whole(uri.path(), text).into_response(),
        Reply::Says(text) => events(&content(
            &json!({"type": "text", "text": ""}),
            &json!({"type": "text_delta", "text": text}),
            "end_turn",
        )),
        Reply::Declines(text) => events(&content(
            &json!({"type": "text", "text": ""}),
            &json!({"type": "text_delta", "text": text}),
            "refusal",
        )),
        Reply::Calls(name, input) => {
            let id = format!("toolu_{}", script.calls.len());
            events(&content(
                &json!({"type": "tool_use", "id": id, "name": name, "input": {}}),
                &json!({"type": "input_json_delta", "partial_json": input.to_string()}),
                "tool_use",
            ))
        }
        Reply::Fails(status, kind, message, headers) => {
            let body = json!({"type": "error", "error": {"type": kind, "message": message}});
            let mut response = Response::builder()
                .status(status)
                .header("content-type", "application/json");
            for (name, value) in headers {
                response = response.header(name, value);
            }
            response.body(Body::from(body.to_string())).unwrap()
        }
        Reply::Hangs => {
            let begun = stream::once(async { Ok::<_, Infallible>(event(&start())) });
            streamed(Body::from_stream(begun.chain(stream::pending())))
        }
    }
}

fn start() -> Value {
    json!({"type": "message_start", "message": {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-scripted", "content": [],
        "stop_reason": null, "stop_sequence": null,
        "usage": {"input_tokens": 10, "cache_creation_input_tokens": 20, "cache_read_input_tokens": 300, "output_tokens": 1},
    }})
}

fn content(block: &Value, delta: &Value, stop: &str) -> Vec<Value> {
    vec![
        start(),
        json!({"type": "content_block_start", "index": 0, "content_block": block}),
        json!({"type": "content_block_delta", "index": 0, "delta": delta}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": null}, "usage": {"output_tokens": 40}}),
        json!({"type": "message_stop"}),
    ]
}

/// An answer in one piece.
fn whole(path: &str, text: &str) -> Json<Value> {
    Json(if path == "/v1/messages" {
        json!({"type": "message", "role": "assistant", "model": "claude-scripted", "stop_reason": "end_turn",
            "content": [{"type": "text", "text": text}], "usage": {"input_tokens": 10, "output_tokens": 40}})
    } else {
        json!({"object": "chat.completion", "model": "gpt-scripted",
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 40}})
    })
}

fn event(event: &Value) -> String {
    format!(
        "event: {}\ndata: {event}\n\n",
        event["type"].as_str().unwrap()
    )
}

fn events(events: &[Value]) -> Response {
    streamed(Body::from(events.iter().map(event).collect::<String>()))
}

fn streamed(body: Body) -> Response {
    ([("content-type", "text/event-stream")], body).into_response()
}
