//! Problem details, RFC 9457.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

/// The stable name of a problem, the last part of its `type`. Clients decide by it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slug(Cow<'static, str>);

impl Slug {
    /// The token is missing, damaged, expired or not for this.
    pub const UNAUTHORIZED: Self = Self::new("unauthorized");
    /// The claim does not prove that a daemon makes it.
    pub const DAEMON_UNPROVEN: Self = Self::new("daemon-unproven");
    /// The lease is stale: another daemon holds the job.
    pub const LEASE_STALE: Self = Self::new("lease-stale");
    /// Nobody may have the job yet: it was given back until a time, or its holder is late and perhaps lost.
    pub const JOB_WAITING: Self = Self::new("job-waiting");
    /// Another daemon's lease holds, and that daemon has lately shown to be alive.
    pub const JOB_LEASED: Self = Self::new("job-leased");
    /// The run is to stop, as a person asked.
    pub const JOB_CANCELLED: Self = Self::new("job-cancelled");
    /// The run is to stop, since its time is over.
    pub const JOB_EXPIRED: Self = Self::new("job-expired");
    /// The job has already ended.
    pub const JOB_FINISHED: Self = Self::new("job-finished");
    /// The request's body is not what the route takes.
    pub const INVALID_REQUEST: Self = Self::new("invalid-request");
    /// The provider does not let the app reach the job's repository any more.
    pub const REPOSITORY_REFUSED: Self = Self::new("repository-refused");
    /// No such job.
    pub const NOT_FOUND: Self = Self::new("not-found");
    /// The request's body is too large.
    pub const TOO_LARGE: Self = Self::new("too-large");
    /// Something this needs is out of reach for the moment.
    pub const UNAVAILABLE: Self = Self::new("unavailable");
    /// Switchyard's own fault.
    pub const INTERNAL: Self = Self::new("internal");

    /// A slug from a constant.
    pub const fn new(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

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

/// An error as clients see it. It never holds internals: those stay in the log under the trace id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// `urn:switchyard:problem:` and the slug.
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
}

impl Problem {
    /// The media type of the JSON form.
    pub const MEDIA_TYPE: &'static str = "application/problem+json";

    /// A problem with all its parts.
    pub fn new(code: Slug, status: u16, title: &str, detail: &str, solution: &str) -> Self {
        Self {
            kind: format!("urn:switchyard:problem:{code}"),
            code,
            title: title.to_owned(),
            status,
            detail: detail.to_owned(),
            solution: solution.to_owned(),
        }
    }
}
