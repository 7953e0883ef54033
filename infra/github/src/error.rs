//! What can go wrong, in GitHub's own categories.

use serde::Serialize;

/// One entry of the `errors` list of a 422 answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The kind of object, for example `PullRequest`.
    pub resource: &'static str,
    /// The field at fault, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'static str>,
    /// `missing_field`, `invalid`, `custom`, `unprocessable`.
    pub code: &'static str,
    /// Free text, where the code alone does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Why an action was refused or failed. Each variant is one answer of the REST API.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// 400: the body is not what it says it is.
    #[error("{0}")]
    BadRequest(String),
    /// 401: no credentials, or not good ones.
    #[error("{0}")]
    Unauthorized(String),
    /// 403: known, but not allowed.
    #[error("{0}")]
    Forbidden(String),
    /// 404: no such thing, or none the caller may know of.
    #[error("Not Found")]
    NotFound,
    /// 406: the change is larger than GitHub shows as a whole.
    #[error("Sorry, the diff exceeded the maximum number of lines (20000)")]
    TooLarge,
    /// 409: the repository holds no commit yet.
    #[error("Git Repository is empty.")]
    Empty,
    /// 410: it has been here, or never will be.
    #[error("{0}")]
    Gone(String),
    /// 501: GitHub has this, the simulation has not.
    #[error("{0}")]
    NotImplemented(String),
    /// 422 with a message only.
    #[error("{0}")]
    Unprocessable(String),
    /// 422 with an `errors` list.
    #[error("Validation Failed: {0:?}")]
    Invalid(Vec<Problem>),
    /// The state file could not be read or written.
    #[error("the state file failed: {0}")]
    Database(#[from] rusqlite::Error),
    /// A value in the state file is not what this program writes there.
    #[error("the state file holds a broken value: {0}")]
    Corrupt(String),
    /// `git` could not be run or refused.
    #[error("git failed: {0}")]
    Git(String),
    /// `git` could not be started or talked to.
    #[error("git could not be run: {0}")]
    Process(#[from] std::io::Error),
    /// The simulation has been shut down.
    #[error("the simulation has stopped")]
    Stopped,
}

impl Error {
    /// A 422 with one problem.
    pub(crate) fn invalid(
        resource: &'static str,
        field: Option<&'static str>,
        code: &'static str,
        message: Option<String>,
    ) -> Self {
        Self::Invalid(vec![Problem {
            resource,
            field,
            code,
            message,
        }])
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Corrupt(error.to_string())
    }
}

/// Why the simulation did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}")]
    Listen(std::net::SocketAddr, std::io::Error),
    /// The state directory cannot be prepared.
    #[error("cannot prepare the state directory: {0}")]
    State(std::io::Error),
    /// The state file cannot be opened.
    #[error("cannot open the state file: {0}")]
    Database(#[from] rusqlite::Error),
    /// The app's key is not an RSA key in PEM form of 2048 to 4096 bits.
    #[error("the app's key is not usable: {0}")]
    Key(&'static str),
    /// The HTTP client for webhooks cannot be made.
    #[error("cannot make the HTTP client: {0}")]
    Client(#[from] reqwest::Error),
    /// The state cannot be brought up to date with the repositories.
    #[error("cannot read the kept state: {0}")]
    Resume(#[from] Error),
}
