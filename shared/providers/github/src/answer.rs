//! Reads what an answer means.

use domain::clip;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use crate::{GitHubError, skew::ahead};
use egress::Response;

/// How long to wait when GitHub names no time.
const UNNAMED_WAIT: SignedDuration = SignedDuration::from_mins(1);
/// No limit of GitHub's lasts longer; whatever an answer says, the client looks again by then.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);
/// How much of GitHub's own words is kept.
const MESSAGE_LIMIT: usize = 300;

/// What GitHub writes about an error.
#[derive(Debug, Default, Deserialize)]
struct Complaint {
    #[serde(default)]
    message: String,
    #[serde(default)]
    errors: Vec<serde_json::Value>,
}

/// Sorts an answer: a success or a redirection is passed on, everything else is an error.
pub(crate) fn sort(response: Response, now: Timestamp) -> Result<Response, GitHubError> {
    let status = response.status;
    if status.is_success() || status.is_redirection() {
        return Ok(response);
    }
    let complaint: Complaint = response.json().unwrap_or_default();
    if is_limit(&response, &complaint) {
        return Err(GitHubError::RateLimited {
            until: limited_until(&response, now),
        });
    }
    Err(match status {
        StatusCode::UNAUTHORIZED => GitHubError::Unauthorized,
        StatusCode::FORBIDDEN | StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS => GitHubError::Forbidden,
        StatusCode::NOT_FOUND => GitHubError::NotFound,
        StatusCode::GONE => GitHubError::Gone,
        StatusCode::UNPROCESSABLE_ENTITY => GitHubError::Invalid {
            message: complaint.text(),
        },
        StatusCode::NOT_ACCEPTABLE => GitHubError::TooLarge {
            reason: complaint.text(),
        },
        StatusCode::REQUEST_TIMEOUT => GitHubError::Unavailable {
            reason: status.to_string(),
        },
        _ if status.is_server_error() => GitHubError::Unavailable {
            reason: status.to_string(),
        },
        _ => GitHubError::unexpected(format!("status {status}: {}", complaint.text())),
    })
}

/// An id that is a number at GitHub.
pub(crate) fn number<'de, D: Deserializer<'de>, T: From<u64>>(from: D) -> Result<T, D::Error> {
    u64::deserialize(from).map(T::from)
}

/// Reads a success as JSON.
pub(crate) fn read<T: DeserializeOwned>(response: &Response) -> Result<T, GitHubError> {
    if response.status.is_redirection() {
        return Err(GitHubError::unexpected(format!(
            "status {}",
            response.status
        )));
    }
    response
        .json()
        .map_err(|error| GitHubError::unexpected(format!("the body: {error}")))
}

/// The end of the current window, when this answer used up the last request of it.
pub(crate) fn exhausted_until(response: &Response, now: Timestamp) -> Option<Timestamp> {
    let reset = window_end(response, now)?;
    (reset > now).then(|| reset.min(now + LONGEST_WAIT))
}

fn is_limit(response: &Response, complaint: &Complaint) -> bool {
    let forbidden = response.status == StatusCode::FORBIDDEN;
    response.status == StatusCode::TOO_MANY_REQUESTS
        || forbidden
            && (response.header("retry-after").is_some()
                || used_up(response)
                || complaint
                    .message
                    .to_ascii_lowercase()
                    .contains("rate limit"))
}

fn limited_until(response: &Response, now: Timestamp) -> Timestamp {
    let named = response
        .header("retry-after")
        .and_then(|text| text.trim().parse::<u32>().ok());
    let until = match named {
        Some(seconds) => now + SignedDuration::from_secs(seconds.into()),
        None => window_end(response, now).unwrap_or(now + UNNAMED_WAIT),
    };
    until.clamp(now + SignedDuration::from_secs(1), now + LONGEST_WAIT)
}

/// When by our clock the window of the primary limit ends, if nothing remains of it. GitHub says it by its own.
fn window_end(response: &Response, now: Timestamp) -> Option<Timestamp> {
    if !used_up(response) {
        return None;
    }
    let reset = response.header("x-ratelimit-reset")?.trim().parse().ok()?;
    let reset = Timestamp::from_second(reset).ok()?;
    now.checked_add(ahead(reset, response, now)).ok()
}

/// Whether nothing remains of the window.
fn used_up(response: &Response) -> bool {
    response
        .header("x-ratelimit-remaining")
        .is_some_and(|remaining| remaining.trim() == "0")
}

impl Complaint {
    fn text(&self) -> String {
        let mut text = self.message.clone();
        for error in &self.errors {
            let said = |name: &str| error.get(name).and_then(serde_json::Value::as_str);
            // What has no words of its own is told by the field and what is wrong with it.
            let part = match (said("message"), said("field"), said("code")) {
                (Some(message), _, _) => message.to_owned(),
                (None, Some(field), Some(code)) => format!("{field}: {code}"),
                (None, None, Some(code)) => code.to_owned(),
                _ => error
                    .as_str()
                    .map_or_else(|| error.to_string(), str::to_owned),
            };
            text.push_str("; ");
            text.push_str(&part);
        }
        clip(&text, MESSAGE_LIMIT).to_owned()
    }
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
