//! What a failed call to the model says about the work.

use domain::{Failure, FailureKind};
use http::{HeaderMap, StatusCode};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::Deserialize;

use super::reset::retry_at;

/// A limit that is lifted sooner is left to the agent's own patience.
const PATIENCE: SignedDuration = SignedDuration::from_mins(2);

/// What a failed call says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    failure: Failure,
    hope: Hope,
}

/// Whether calling again can help while the agent runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hope {
    /// It can, so the agent is left to it.
    Soon,
    /// It cannot, so the agent is ended.
    Gone,
}

/// The error in a provider's answer. Its texts are read, and never shown to anybody.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    error: Details,
    message: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Details {
    r#type: Option<String>,
    code: Option<serde_json::Value>,
    message: Option<String>,
    #[serde(rename = "details")]
    more: More,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct More {
    error_code: Option<String>,
}

impl Verdict {
    /// Judges an answer with `status`; nothing if it says nothing that the operator or time could mend.
    pub(super) fn of(
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Option<Self> {
        let problem: Problem = serde_json::from_slice(body).unwrap_or_default();
        let words = problem.words();
        let kind = kind(status.as_u16(), &words)?;
        let failure = Failure::from(kind);
        let at = retry_at(headers, now).or_else(|| regained(&words, now));
        let hope = match kind {
            FailureKind::ModelKeyRejected | FailureKind::ModelCreditExhausted => Hope::Gone,
            FailureKind::ModelLimited if words.contains("spend_limit") => Hope::Gone,
            FailureKind::ModelLimited if at.is_some_and(|at| at.duration_since(now) > PATIENCE) => {
                Hope::Gone
            }
            _ => Hope::Soon,
        };
        let failure = match at {
            Some(at) if time_helps(kind) => failure.retry_at(at),
            _ => failure,
        };
        Some(Self { failure, hope })
    }

    /// The provider did not answer, or broke off.
    pub(super) fn unavailable() -> Self {
        Self {
            failure: FailureKind::ModelUnavailable.into(),
            hope: Hope::Soon,
        }
    }

    /// Judges what an agent's program tells of a failed call: its status, if there was an answer.
    pub(crate) fn told(status: Option<u16>) -> Option<Self> {
        let Some(status) = status else {
            return Some(Self::unavailable());
        };
        let status = StatusCode::from_u16(status).ok()?;
        Self::of(status, &HeaderMap::new(), &[], Timestamp::UNIX_EPOCH)
    }

    /// The failure of work that ends on this.
    pub(crate) fn failure(&self) -> &Failure {
        &self.failure
    }

    /// Whether the agent should be ended at once.
    pub(crate) fn is_final(&self) -> bool {
        self.hope == Hope::Gone
    }
}

impl Problem {
    /// Everything that tells what it is about, in small letters.
    fn words(&self) -> String {
        let code = self.error.code.as_ref().and_then(|code| code.as_str());
        let parts = [
            self.error.r#type.as_deref(),
            code,
            self.error.message.as_deref(),
            self.error.more.error_code.as_deref(),
            self.message.as_deref(),
        ];
        let parts: Vec<&str> = parts.into_iter().flatten().collect();
        parts.join(" ").to_lowercase()
    }
}

fn kind(status: u16, words: &str) -> Option<FailureKind> {
    let says = |any: &[&str]| any.iter().any(|part| words.contains(part));
    let no_credit = says(&[
        "credit balance",
        "billing",
        "insufficient_quota",
        "budget_exceeded",
        "budget has been exceeded",
        "insufficient credits",
    ]);
    match status {
        402 => Some(FailureKind::ModelCreditExhausted),
        400 | 403 | 429 if no_credit => Some(FailureKind::ModelCreditExhausted),
        // Where a cloud offers models one by one this is about the model, and programs try which they may use.
        403 if says(&["access to the model", "model access"]) => Some(FailureKind::ModelUnknown),
        401 | 403 => Some(FailureKind::ModelKeyRejected),
        400 if says(&["usage limits", "spend_limit"]) => Some(FailureKind::ModelLimited),
        404 => Some(FailureKind::ModelUnknown),
        400 if says(&["model_not_found", "model identifier", "invalid model"]) => {
            Some(FailureKind::ModelUnknown)
        }
        429 => Some(FailureKind::ModelLimited),
        408 | 500..=599 => Some(FailureKind::ModelUnavailable),
        _ => None,
    }
}

fn time_helps(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::ModelLimited | FailureKind::ModelUnavailable
    )
}

/// The day in "you will regain access on 2026-12-01 at 00:00 UTC", as a provider writes it into the sentence.
fn regained(words: &str, now: Timestamp) -> Option<Timestamp> {
    let (_, rest) = words.split_once("regain access on ")?;
    let day: Date = rest.get(..10)?.parse().ok()?;
    let at = day.to_zoned(TimeZone::UTC).ok()?.timestamp();
    (at > now).then_some(at)
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header::RETRY_AFTER};

    use super::*;

    fn judge(status: u16, body: &str, retry_after: Option<&'static str>) -> Option<Verdict> {
        let mut headers = HeaderMap::new();
        if let Some(text) = retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from_static(text));
        }
        let now = "2026-11-27T12:00:00Z".parse().unwrap();
        let status = StatusCode::from_u16(status).unwrap();
        Verdict::of(status, &headers, body.as_bytes(), now)
    }

    fn error(kind: &str, message: &str) -> String {
        format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"{message}"}}}}"#)
    }

    #[test]
    fn each_class_of_error_has_its_own_failure() {
        let credit = "Your credit balance is too low to access the Anthropic API.";
        let usage = "You have reached your specified API usage limits.";
        for (status, body, expected) in [
            (
                401,
                error("authentication_error", "invalid x-api-key"),
                FailureKind::ModelKeyRejected,
            ),
            (
                403,
                error("permission_error", "no"),
                FailureKind::ModelKeyRejected,
            ),
            (
                400,
                error("invalid_request_error", credit),
                FailureKind::ModelCreditExhausted,
            ),
            (
                402,
                error("billing_error", ""),
                FailureKind::ModelCreditExhausted,
            ),
            (
                429,
                r#"{"error":{"code":"insufficient_quota"}}"#.to_owned(),
                FailureKind::ModelCreditExhausted,
            ),
            (
                400,
                error("budget_exceeded", ""),
                FailureKind::ModelCreditExhausted,
            ),
            (
                400,
                error("invalid_request_error", usage),
                FailureKind::ModelLimited,
            ),
            (
                404,
                error("not_found_error", "model: x"),
                FailureKind::ModelUnknown,
            ),
            (
                403,
                r#"{"message":"You don't have access to the model with the specified model ID."}"#
                    .to_owned(),
                FailureKind::ModelUnknown,
            ),
            (
                400,
                r#"{"message":"The provided model identifier is invalid."}"#.to_owned(),
                FailureKind::ModelUnknown,
            ),
            (
                429,
                error("rate_limit_error", ""),
                FailureKind::ModelLimited,
            ),
            (500, "<html>".to_owned(), FailureKind::ModelUnavailable),
            (
                529,
                error("overloaded_error", "Overloaded"),
                FailureKind::ModelUnavailable,
            ),
        ] {
            let verdict = judge(status, &body, None).unwrap();
            assert_eq!(verdict.failure().kind(), expected, "{status} {body}");
        }
        for (status, body) in [
            (400, error("invalid_request_error", "messages: too short")),
            (413, String::new()),
        ] {
            assert_eq!(judge(status, &body, None), None);
        }
    }

    #[test]
    fn only_what_time_cannot_mend_soon_ends_the_agent_at_once() {
        let limit = error("rate_limit_error", "");
        let spend = r#"{"error":{"type":"rate_limit_error","details":{"error_code":"enforced_spend_limit_reached"}}}"#;
        for (status, body, retry_after, ends) in [
            (401, "", None, true),
            (402, "", None, true),
            (404, "", None, false),
            (529, "", None, false),
            (529, "", Some("7200"), false),
            (429, limit.as_str(), None, false),
            (429, limit.as_str(), Some("60"), false),
            (429, limit.as_str(), Some("7200"), true),
            (429, spend, None, true),
        ] {
            let verdict = judge(status, body, retry_after).unwrap();
            assert_eq!(verdict.is_final(), ends, "{status} {retry_after:?}");
        }
    }

    #[test]
    fn when_trying_again_can_help_is_kept() {
        let at = |verdict: Option<Verdict>| {
            let at = verdict.unwrap().failure().retries_at();
            at.map(|at| at.to_string())
        };
        let limited = judge(429, "", Some("7200"));
        assert_eq!(at(limited).as_deref(), Some("2026-11-27T14:00:00Z"));
        let sentence = "You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.";
        let limited = judge(400, &error("invalid_request_error", sentence), None);
        assert!(limited.as_ref().unwrap().is_final());
        assert_eq!(at(limited).as_deref(), Some("2026-12-01T00:00:00Z"));
        assert_eq!(at(judge(401, "", Some("7200"))), None);
    }
}
