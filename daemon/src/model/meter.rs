//! Reading what a model used from its answer as it passes.
//!
//! One tolerant shape reads them all: Anthropic counts what it read from its cache beside the input, `OpenAI`
//! within it; streams say the input at the beginning and the output at the end, each time in whole numbers so far.

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder};
use bytes::BytesMut;
use data_encoding::BASE64;
use domain::Usage;
use http::{HeaderMap, header::CONTENT_TYPE};
use serde::Deserialize;

use super::seen::Told;
use crate::process::Lines;

/// The longest event that is read. A longer one passes all the same.
const EVENT_LIMIT: usize = 8 * 1024 * 1024;

/// Reads one answer.
pub(super) struct Meter {
    shape: Shape,
    count: Count,
}

enum Shape {
    /// Server-sent events.
    Events(Lines),
    /// Amazon's frames.
    Frames(Box<MessageFrameDecoder>, BytesMut),
    /// One piece of JSON.
    Whole(Vec<u8>),
}

struct Count {
    told: Told,
    stream: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Event {
    r#type: Option<String>,
    model: Option<String>,
    stop_reason: Option<String>,
    message: Option<Part>,
    response: Option<Part>,
    delta: Option<Part>,
    choices: Option<Vec<Choice>>,
    usage: Option<Tokens>,
    error: Option<serde::de::IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Part {
    model: Option<String>,
    stop_reason: Option<String>,
    usage: Option<Tokens>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Choice {
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tokens {
    #[serde(rename = "input_tokens", alias = "prompt_tokens")]
    input: Option<u64>,
    #[serde(rename = "cache_creation_input_tokens")]
    written: Option<u64>,
    #[serde(rename = "cache_read_input_tokens")]
    remembered: Option<u64>,
    #[serde(rename = "output_tokens", alias = "completion_tokens")]
    output: Option<u64>,
    #[serde(rename = "input_tokens_details", alias = "prompt_tokens_details")]
    details: Option<Cached>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Cached {
    #[serde(rename = "cached_tokens")]
    remembered: Option<u64>,
    #[serde(rename = "cache_write_tokens")]
    written: Option<u64>,
}

#[derive(Deserialize)]
struct Chunk {
    bytes: String,
}

impl Meter {
    /// For an answer with these headers.
    pub(super) fn new(headers: &HeaderMap) -> Self {
        let kind = headers
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default();
        let shape = if kind.starts_with("text/event-stream") {
            Shape::Events(Lines::new(EVENT_LIMIT))
        } else if kind.starts_with("application/vnd.amazon.eventstream") {
            Shape::Frames(Box::default(), BytesMut::new())
        } else {
            Shape::Whole(Vec::new())
        };
        let mut told = Told::default();
        told.usage.calls = 1;
        let stream = !matches!(shape, Shape::Whole(_));
        let count = Count { told, stream };
        Self { shape, count }
    }

    /// Reads the next piece of the answer.
    pub(super) fn push(&mut self, piece: &[u8]) {
        let count = &mut self.count;
        match &mut self.shape {
            Shape::Events(lines) => lines.push(piece, &mut |line| {
                if let Some(data) = line.strip_prefix("data:") {
                    count.event(data.trim_start().as_bytes());
                }
            }),
            Shape::Frames(decoder, held) => {
                held.extend_from_slice(piece);
                while let Ok(DecodedFrame::Complete(frame)) = decoder.decode_frame(&mut *held) {
                    count.frame(frame.payload());
                }
            }
            Shape::Whole(held) if held.len() + piece.len() <= EVENT_LIMIT => {
                held.extend_from_slice(piece);
            }
            Shape::Whole(_) => {}
        }
    }

    /// The answer is over, as far as its bytes say.
    pub(super) fn end(mut self) -> Told {
        if let Shape::Whole(body) = &self.shape {
            self.count.event(body);
            self.count.told.whole = true;
        }
        self.count.told
    }
}

impl Count {
    fn frame(&mut self, payload: &[u8]) {
        let chunk: Result<Chunk, _> = serde_json::from_slice(payload);
        if let Ok(event) = chunk.map(|chunk| BASE64.decode(chunk.bytes.as_bytes())) {
            self.event(&event.unwrap_or_default());
        }
    }

    fn event(&mut self, data: &[u8]) {
        if data == b"[DONE]" {
            self.told.whole = true;
        }
        // The many small pieces of text hold nothing that counts, and are not taken apart.
        if self.stream && is_mere_text(data) {
            return;
        }
        let Ok(event) = serde_json::from_slice::<Event>(data) else {
            return;
        };
        if let Some(kind) = event.r#type.as_deref() {
            self.told.whole |= matches!(
                kind,
                "message_stop" | "response.completed" | "response.incomplete"
            );
            self.told.whole &= !matches!(kind, "error" | "response.failed");
        }
        self.told.whole &= event.error.is_none();
        let inner = [event.message, event.response, event.delta];
        let (mut model, mut stopped, mut usage) = (event.model, event.stop_reason, event.usage);
        for part in inner.into_iter().flatten() {
            model = model.or(part.model);
            stopped = stopped.or(part.stop_reason);
            usage = usage.or(part.usage);
        }
        let finished = event.choices.unwrap_or_default();
        let finished = finished.into_iter().find_map(|choice| choice.finish_reason);
        let stopped = stopped.or(finished);
        self.told.declined |= matches!(stopped.as_deref(), Some("refusal" | "content_filter"));
        self.told.model = model.or_else(|| self.told.model.take());
        if let Some(tokens) = usage {
            tokens.count(&mut self.told.usage);
        }
    }
}

impl Tokens {
    fn count(self, usage: &mut Usage) {
        let set = |to: &mut u64, said: Option<u64>| *to = said.unwrap_or(*to);
        let details = self.details.unwrap_or_default();
        set(
            &mut usage.cache_read_tokens,
            self.remembered.or(details.remembered),
        );
        set(
            &mut usage.cache_write_tokens,
            self.written.or(details.written),
        );
        // Where the cache is told as details, the whole includes what was read from it.
        let within = details.remembered.unwrap_or_default();
        let input = self.input;
        set(
            &mut usage.input_tokens,
            input.map(|all| all.saturating_sub(within)),
        );
        set(&mut usage.output_tokens, self.output);
    }
}

fn is_mere_text(data: &[u8]) -> bool {
    let has = |word: &[u8]| data.windows(word.len()).any(|window| window == word);
    !(has(b"\"usage\"")
        || has(b"\"error\"")
        || has(b"_reason\"")
        || has(b"message_stop")
        || has(b"response."))
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::event_stream::{Header, HeaderValue as FrameValue, Message};
    use http::HeaderValue;

    use super::*;

    fn read(kind: &'static str, body: &[u8], piece: usize) -> Told {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        let mut meter = Meter::new(&headers);
        for piece in body.chunks(piece) {
            meter.push(piece);
        }
        meter.end()
    }

    const ANTHROPIC: &str = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"model\":\"claude-x\",\"usage\":{\"input_tokens\":5,\"cache_creation_input_tokens\":10,\"cache_read_input_tokens\":100,\"output_tokens\":1}}}\n\n\
        event: ping\ndata: {\"type\":\"ping\"}\n\n\
        event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"hi\"}}\n\n\
        event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":7}}\n\n\
        event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

    #[test]
    fn an_anthropic_stream_is_counted_however_it_is_cut() {
        for piece in [1, 7, 64, 100_000] {
            let told = read(
                "text/event-stream; charset=utf-8",
                ANTHROPIC.as_bytes(),
                piece,
            );
            assert_eq!(
                told.usage,
                Usage {
                    calls: 1,
                    input_tokens: 5,
                    cache_write_tokens: 10,
                    cache_read_tokens: 100,
                    output_tokens: 7
                }
            );
            assert_eq!(told.model.as_deref(), Some("claude-x"));
            assert!(told.whole && !told.declined);
        }
    }

    #[test]
    fn a_stream_that_breaks_off_or_ends_in_an_error_is_not_whole_but_counted() {
        let (cut, _) = ANTHROPIC.split_once("event: message_delta").unwrap();
        let failed = format!(
            "{cut}event: error\ndata: {{\"type\":\"error\",\"error\":{{\"type\":\"overloaded_error\"}}}}\n\n"
        );
        for body in [cut, &failed] {
            let told = read("text/event-stream", body.as_bytes(), 50);
            assert!(!told.whole);
            assert_eq!(told.usage.cache_read_tokens, 100);
        }
    }

    #[test]
    fn a_refusal_is_seen() {
        let body = ANTHROPIC.replace("end_turn", "refusal");
        assert!(read("text/event-stream", body.as_bytes(), 50).declined);
        let whole = br#"{"type":"message","model":"m","stop_reason":"refusal","usage":{"input_tokens":1,"output_tokens":2}}"#;
        let told = read("application/json", whole, 9);
        assert!(told.declined && told.whole);
        assert_eq!(told.usage.output_tokens, 2);
    }

    #[test]
    fn openai_counts_what_it_remembered_within_the_input() {
        let chat = "data: {\"model\":\"gpt\",\"choices\":[{\"delta\":{\"content\":\"x\"}}],\"usage\":null}\n\n\
            data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n\
            data: {\"model\":\"gpt\",\"choices\":[],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":9,\"prompt_tokens_details\":{\"cached_tokens\":60}}}\n\ndata: [DONE]\n\n";
        let responses = "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"model\":\"gpt\",\"usage\":null}}\n\n\
            event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"model\":\"gpt\",\"usage\":{\"input_tokens\":100,\"input_tokens_details\":{\"cached_tokens\":60},\"output_tokens\":9,\"output_tokens_details\":{\"reasoning_tokens\":4}}}}\n\n";
        for body in [chat, responses] {
            let told = read("text/event-stream", body.as_bytes(), 33);
            let usage = told.usage;
            assert_eq!(
                (
                    usage.input_tokens,
                    usage.cache_read_tokens,
                    usage.output_tokens
                ),
                (40, 60, 9)
            );
            assert!(told.whole);
            assert_eq!(told.model.as_deref(), Some("gpt"));
        }
    }

    #[test]
    fn amazons_frames_are_taken_apart() {
        let mut bytes = Vec::new();
        for line in ANTHROPIC
            .lines()
            .filter_map(|line| line.strip_prefix("data: "))
        {
            let payload = format!(r#"{{"bytes":"{}"}}"#, BASE64.encode(line.as_bytes()));
            let kind = Header::new(":event-type", FrameValue::String("chunk".into()));
            let frame = Message::new(payload).add_header(kind);
            aws_smithy_eventstream::frame::write_message_to(&frame, &mut bytes).unwrap();
        }
        for piece in [5, 100_000] {
            let told = read("application/vnd.amazon.eventstream", &bytes, piece);
            assert_eq!((told.usage.input_tokens, told.usage.output_tokens), (5, 7));
            assert!(told.whole);
        }
    }
}
