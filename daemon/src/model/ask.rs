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
    /// What the model said.
    pub(crate) answer: Result<Answer, AskError>,
    /// What it took, as far as that was told.
    pub(crate) usage: Usage,
}

/// What a model said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// All that it had to say.
    Whole(String),
    /// The beginning of it: it became too long.
    Cut(String),
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
    /// The model or its provider will have nothing to do with the question.
    #[error("the model declined to answer")]
    Declined,
    /// The model said nothing that could be read.
    #[error("the model gave no answer that can be read")]
    Unreadable,
}

/// What a provider calls it when its own filter lets a question or an answer not pass.
const FILTERED: [&str; 2] = ["content_filter", "content_policy_violation"];
/// The same where a provider only says so in words.
const FILTERED_SAYS: &str = "content filtering policy";
/// What Bedrock says when a guardrail has stood in.
const GUARDED: &str = "INTERVENED";

#[derive(Deserialize)]
struct Body {
    stop_reason: Option<String>,
    #[serde(default)]
    content: Vec<Part>,
    #[serde(default)]
    choices: Vec<Choice>,
    #[serde(rename = "amazon-bedrock-guardrailAction")]
    guardrail: Option<String>,
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
struct Choice {
    finish_reason: Option<String>,
    #[serde(default)]
    message: Message,
}

#[derive(Default, Deserialize)]
struct Message {
    content: Option<String>,
    refusal: Option<String>,
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorTold,
}

#[derive(Deserialize)]
struct ErrorTold {
    #[serde(default)]
    code: Value,
    #[serde(default)]
    message: String,
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
                answer(&response)
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
        } else if filtered(&response) {
            Err(AskError::Declined)
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

/// What an answer says, as far as it got.
fn answer(response: &Response) -> Result<Answer, AskError> {
    let body: Body = response.json().map_err(|_| AskError::Unreadable)?;
    if body.guardrail.as_deref() == Some(GUARDED) {
        return Err(AskError::Declined);
    }
    let said = body.content.into_iter().map(|part| part.text).collect();
    match (body.stop_reason.as_deref(), body.choices.into_iter().next()) {
        (Some("end_turn"), None) => Ok(Answer::Whole(said)),
        (Some("max_tokens" | "model_context_window_exceeded"), None) => Ok(Answer::Cut(said)),
        (Some("refusal"), None) => Err(AskError::Declined),
        (None, Some(choice)) => choice.answer(),
        _ => Err(AskError::Unreadable),
    }
}

impl Choice {
    fn answer(self) -> Result<Answer, AskError> {
        let Message { content, refusal } = self.message;
        match (self.finish_reason.as_deref(), content) {
            (Some("content_filter"), _) => Err(AskError::Declined),
            _ if refusal.is_some_and(|said| !said.is_empty()) => Err(AskError::Declined),
            (Some("stop"), Some(said)) => Ok(Answer::Whole(said)),
            (Some("length"), Some(said)) => Ok(Answer::Cut(said)),
            _ => Err(AskError::Unreadable),
        }
    }
}

/// Whether an error says that a filter of the provider's let the question not pass.
fn filtered(response: &Response) -> bool {
    response.json::<ErrorBody>().is_ok_and(|body| {
        let named = |code| FILTERED.contains(&code);
        body.error.code.as_str().is_some_and(named) || body.error.message.contains(FILTERED_SAYS)
    })
}
