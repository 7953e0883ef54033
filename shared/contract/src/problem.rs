//! Problem details, RFC 9457.

mod kind;

use std::{borrow::Cow, fmt};

use domain::RequestId;
use serde::{Deserialize, Serialize};

pub use kind::ProblemKind;

/// The stable name of a problem, the last part of its `type`. Clients decide by it; one that they do not know comes from a
/// newer version.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slug(Cow<'static, str>);

impl Slug {
    /// The slug's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An error as clients see it. It never holds internals: those stay in the log under the request's id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The address of the page about this kind of problem. It is absolute where the function knows the address of the public
    /// API, and otherwise relative to it.
    #[serde(rename = "type")]
    pub kind: String,
    /// The slug alone.
    pub code: Slug,
    /// The problem in a few words, the same each time.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What was wrong this time.
    pub detail: String,
    /// What to do about it.
    pub solution: String,
    /// The request, as the log names it; none outside of a function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<RequestId>,
}

impl Problem {
    /// The media type of the JSON form.
    pub const MEDIA_TYPE: &'static str = "application/problem+json";

    /// A problem of a registered kind, with what was wrong this time.
    pub fn new(kind: &ProblemKind, detail: &str) -> Self {
        Self {
            kind: kind.path(),
            code: kind.slug(),
            title: kind.title().to_owned(),
            status: kind.status(),
            detail: detail.to_owned(),
            solution: kind.solution().to_owned(),
            request_id: None,
        }
    }

    /// With an absolute link to its page, which the public API at `base` serves.
    #[must_use]
    pub fn explained_at(mut self, base: &str) -> Self {
        self.kind = format!("{}/problems/{}", base.trim_end_matches('/'), self.code);
        self
    }

    /// As the answer to one request.
    #[must_use]
    pub fn of_request(mut self, id: RequestId) -> Self {
        self.request_id = Some(id);
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_problem_has_its_kinds_words_and_links_to_its_page() {
        let problem = Problem::new(ProblemKind::LEASE_STALE, "The lease is number 3.");
        let json = serde_json::to_value(&problem).unwrap();
        assert_eq!(
            json,
            json!({
                "type": "/problems/lease-stale",
                "code": "lease-stale",
                "title": "Another daemon has taken the job over",
                "status": 409,
                "detail": "The lease is number 3.",
                "solution": "Drop the work without pushing or reporting anything.",
            })
        );
        let id: RequestId = "7c1d3e60".parse().unwrap();
        let placed = problem.explained_at("https://api.example/").of_request(id);
        let json = serde_json::to_value(&placed).unwrap();
        assert_eq!(json["type"], "https://api.example/problems/lease-stale");
        assert_eq!(json["request_id"], "7c1d3e60");
        assert_eq!(serde_json::from_value::<Problem>(json).unwrap(), placed);
    }

    #[test]
    fn a_slug_from_a_newer_version_can_be_read() {
        let slug: Slug = serde_json::from_value(json!("made-tomorrow")).unwrap();
        assert_eq!(ProblemKind::of(slug.as_str()), None);
    }
}
