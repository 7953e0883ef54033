//! Asking the model as the daemon itself, without an agent's address in between.

use std::time::Duration;

use domain::Usage;
use egress::{HttpError, Request, Response};
use http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{Model, Wire, headers, meter::Meter, paths};

/// The most tokens of an answer, where the provider wants to be told.
const ANSWER_TOKENS: u32 = 1024;
/// What Bedrock reads as the version of Anthropic's API.
const BEDROCK_VERSION: &str = "bedrock-2023-05-31";

/// One question without anything before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question<'a> {
    /// The model, by its provider's name for it.
    pub(crate) model: &'a str,
    /// What is ours.
    pub(crate) system: &'a str,
    /// What others wrote, in our frame.
    pub(crate) user: &'a str,
}

/// What came of a question.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The answer's text.
    pub(crate) answer: Result<String, AskError>,
    /// What it took, as far as that was told.
    pub(crate) usage: Usage,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    /// It takes too long.
    #[error("the model did not answer in time")]
    TooLate,
    /// The provider was not reached, or broke off.
    #[error("the model's provider could not be asked: {0}")]
    Unanswered(#[from] HttpError),
    /// The provider answered with an error.
    #[error("the model's provider answered with status {0}")]
    Refused(StatusCode),
    /// The model declined, was cut off, or said nothing that could be read.
    #[error("the model gave no whole answer")]
    NotWhole,
}

#[derive(Deserialize)]
struct Body {
    stop_reason: Option<String>,
    #[serde(default)]
    content: Vec<Part>,
    #[serde(default)]
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
struct Choice {
    finish_reason: Option<String>,
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    content: Option<String>,
}

impl Model {
    /// Asks once, and waits for the whole answer no longer than `limit`.
    pub(crate) async fn ask(&self, question: Question<'_>, limit: Duration) -> Asked {
        let mut usage = Usage {
            calls: 1,
            ..Usage::default()
        };
        let answer = match timeout(limit, self.exchange(question)).await {
            Err(_) => Err(AskError::TooLate),
            Ok(Err(error)) => Err(error),
            Ok(Ok(response)) => {
                let mut meter = Meter::new(&response.headers);
                meter.push(&response.body);
                usage = meter.end().usage;
                whole_answer(&response).ok_or(AskError::NotWhole)
            }
        };
        Asked { answer, usage }
    }

    async fn exchange(&self, question: Question<'_>) -> Result<Response, AskError> {
        let provider = &self.provider;
        let (path, body) = written(provider.wire, question);
        let target = paths::target(provider.wire, &provider.base, &Method::POST, &path, None);
        let headers = headers::outgoing(HeaderMap::new(), provider.wire, &provider.credential);
        let (target, headers) = target.zip(headers).ok_or(HttpError::Unsendable)?;
        let request = Request::new(Method::POST, target)
            .headers(headers)
            .json(&body)?;
        let response = self.http.send(request).await?;
        if response.status.is_success() {
            Ok(response)
        } else {
            Err(AskError::Refused(response.status))
        }
    }
}

/// The question in the words of a wire, and the path it goes to.
fn written(wire: Wire, question: Question<'_>) -> (String, Value) {
    let user = json!({"role": "user", "content": question.user});
    match wire {
        Wire::Anthropic => (
            "/v1/messages".to_owned(),
            json!({
                "model": question.model,
                "max_tokens": ANSWER_TOKENS,
                "system": question.system,
                "messages": [user],
            }),
        ),
        Wire::Bedrock => (
            // A model's name may hold slashes, and is one segment.
            format!("/model/{}/invoke", question.model.replace('/', "%2F")),
            json!({
                "anthropic_version": BEDROCK_VERSION,
                "max_tokens": ANSWER_TOKENS,
                "system": question.system,
                "messages": [user],
            }),
        ),
        Wire::OpenAi => (
            "/v1/chat/completions".to_owned(),
            json!({
                "model": question.model,
                "messages": [{"role": "system", "content": question.system}, user],
            }),
        ),
    }
}

/// The text of an answer that ended as it should.
fn whole_answer(response: &Response) -> Option<String> {
    let body: Body = response.json().ok()?;
    let said = body.content.into_iter().map(|part| part.text).collect();
    match (body.stop_reason.as_deref(), body.choices.into_iter().next()) {
        (Some("end_turn"), None) => Some(said),
        (None, Some(choice)) if choice.finish_reason.as_deref() == Some("stop") => {
            choice.message.content
        }
        _ => None,
    }
}
