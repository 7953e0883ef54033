//! What requests are answered.

use contract::{Problem, Slug};
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What a request was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// The document of a request that was granted.
    #[track_caller]
    pub(crate) fn ok<T: DeserializeOwned>(&self) -> T {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        serde_json::from_str(&self.body).unwrap()
    }

    /// The request was granted, and there is nothing to say.
    #[track_caller]
    pub(crate) fn is_done(&self) {
        let answer = (self.status, self.body.as_str());
        assert_eq!(answer, (StatusCode::NO_CONTENT, ""));
    }

    /// The problem that the answer is, complete, with that status and slug.
    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, slug: &Slug) -> Problem {
        let problem: Problem = serde_json::from_str(&self.body).unwrap_or_else(|error| {
            panic!("{} {error}: {}", self.status, self.body);
        });
        assert_eq!(
            (self.status.as_u16(), problem.status, &problem.code),
            (status, status, slug),
            "{problem:?}"
        );
        assert_eq!(
            self.headers[header::CONTENT_TYPE],
            "application/problem+json"
        );
        assert_eq!(self.headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(problem.kind, format!("/problems/{slug}"));
        let id = problem.request_id.as_ref().unwrap().as_str();
        assert_eq!(self.headers[kit::REQUEST_ID], id);
        for text in [&problem.title, &problem.detail, &problem.solution] {
            assert!(!text.is_empty(), "{problem:?}");
        }
        let document: Value = serde_json::from_str(&self.body).unwrap();
        let mut names: Vec<_> = document.as_object().unwrap().keys().collect();
        names.sort();
        let expected = [
            "code",
            "detail",
            "request_id",
            "solution",
            "status",
            "title",
            "type",
        ];
        assert_eq!(names, expected, "nothing else gets out");
        problem
    }
}
