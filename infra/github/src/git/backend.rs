//! `git http-backend` as a CGI program.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use axum::body::Body;
use axum::response::Response;
use futures_util::TryStreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio_util::io::{ReaderStream, StreamReader};

use super::{Git, report};
use crate::error::Error;
use crate::text;

/// Bytes of headers that the program may write.
const LONGEST_HEAD: u64 = 64 * 1024;

/// One request to the program.
pub(crate) struct Call {
    pub(crate) method: &'static str,
    /// `/owner/name.git/info/refs` and the like, in the spelling of the directories.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    /// Who may push; without it the program refuses to.
    pub(crate) pusher: Option<&'static str>,
    /// What a push is examined for.
    pub(crate) rules: Rules,
}

/// What a push is examined for.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    /// A reference that may not be pushed to.
    pub(crate) protected: Option<String>,
    /// References that a ruleset covers, as a pattern with `*`.
    pub(crate) ruled: Option<String>,
    /// Refuse the push whatever it is to.
    pub(crate) rejected: bool,
    /// The token lacks the permission for workflow files.
    pub(crate) no_workflows: bool,
    /// Where the objects are that pointers may name.
    pub(crate) objects: PathBuf,
    /// Refuse secrets.
    pub(crate) push_protection: bool,
}

impl Git {
    /// Runs the program and streams its answer.
    pub(crate) async fn stream(&self, call: Call) -> Result<Response, Error> {
        let (response, stdout, child) = self.start(call, None).await?;
        // Waiting for the child outlives the answer, so that no process is left behind unreaped.
        tokio::spawn(reap(child));
        Ok(response.map(|()| Body::from_stream(ReaderStream::new(stdout))))
    }

    /// Runs the program to its end and gives its whole answer, with the reason that the hook left
    /// in a file of its own.
    pub(crate) async fn complete(&self, call: Call) -> Result<Response, Error> {
        let reason = Note::new(&self.root)?;
        let (response, mut stdout, child) = self.start(call, Some(reason.path())).await?;
        let mut bytes = Vec::new();
        stdout.read_to_end(&mut bytes).await?;
        reap(child).await;
        if let Some(reason) = reason.read().await? {
            bytes = report::with_reason(&bytes, &reason);
        }
        Ok(response.map(|()| Body::from(bytes)))
    }

    async fn start(
        &self,
        call: Call,
        reason: Option<&Path>,
    ) -> Result<(http::Response<()>, BufReader<ChildStdout>, Child), Error> {
        let mut command = self.command();
        command.arg("http-backend");
        environment(&mut command, &call);
        command.env("GIT_PROJECT_ROOT", &self.root);
        if let Some(reason) = reason {
            command.env("SIMULATED_REASON", reason);
        }
        let (limit, warning) = (self.file_limit, self.file_limit / 2);
        command
            .env("SIMULATED_FILE_LIMIT", limit.to_string())
            .env("SIMULATED_FILE_WARNING", warning.to_string());
        let mut child = command
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::Git("the pipes of git are missing".to_owned()));
        };
        tokio::spawn(feed(call.body, stdin));
        let mut stdout = BufReader::new(stdout);
        let response = head(&mut stdout).await?;
        Ok((response, stdout, child))
    }
}

/// A file through which the hook says why it refuses; it is gone with this value.
struct Note(PathBuf);

impl Note {
    fn new(root: &Path) -> Result<Self, Error> {
        let name = format!("reason-{}", text::guid()?);
        Ok(Self(root.with_file_name(name)))
    }

    fn path(&self) -> &Path {
        &self.0
    }

    async fn read(&self) -> Result<Option<Vec<u8>>, Error> {
        match tokio::fs::read(&self.0).await {
            Ok(reason) => Ok(Some(reason)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        // Most pushes are not refused and leave no file.
        std::fs::remove_file(&self.0).ok();
    }
}

async fn reap(mut child: Child) {
    if let Err(error) = child.wait().await {
        tracing::error!(%error, "cannot wait for git");
    }
}

/// Copies the request body; a broken pipe only means that git has read enough.
async fn feed(body: Body, mut stdin: ChildStdin) {
    let stream = body.into_data_stream().map_err(io::Error::other);
    if let Err(error) = tokio::io::copy(&mut StreamReader::new(stream), &mut stdin).await {
        tracing::debug!(%error, "the body of a git request was not read to its end");
    }
}

fn environment(command: &mut Command, call: &Call) {
    let header = |name: HeaderName| call.headers.get(name).and_then(|value| value.to_str().ok());
    command
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("REQUEST_METHOD", call.method)
        .env("PATH_INFO", &call.path)
        .env("QUERY_STRING", &call.query)
        .env("REMOTE_ADDR", "127.0.0.1");
    let rules = &call.rules;
    let from_headers = [
        ("CONTENT_TYPE", header(header::CONTENT_TYPE)),
        ("CONTENT_LENGTH", header(header::CONTENT_LENGTH)),
        ("HTTP_CONTENT_ENCODING", header(header::CONTENT_ENCODING)),
        (
            "GIT_PROTOCOL",
            header(HeaderName::from_static("git-protocol")),
        ),
        ("REMOTE_USER", call.pusher),
        ("SIMULATED_PROTECTED_REF", rules.protected.as_deref()),
        ("SIMULATED_RULE", rules.ruled.as_deref()),
        ("SIMULATED_PUSH_REJECTED", rules.rejected.then_some("1")),
        ("SIMULATED_NO_WORKFLOWS", rules.no_workflows.then_some("1")),
        (
            "SIMULATED_PUSH_PROTECTION",
            rules.push_protection.then_some("1"),
        ),
    ];
    command.env("SIMULATED_OBJECTS", &rules.objects);
    for (name, value) in from_headers {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
}

/// Reads the CGI headers up to the empty line.
async fn head(stdout: &mut BufReader<ChildStdout>) -> Result<http::Response<()>, Error> {
    let mut response = http::Response::new(());
    let mut limited = stdout.take(LONGEST_HEAD);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = limited.read_until(b'\n', &mut line).await?;
        if read == 0 {
            return Err(Error::Git("git ended without an answer".to_owned()));
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end();
        if text.is_empty() {
            return Ok(response);
        }
        let (name, value) = text.split_once(':').unwrap_or((text, ""));
        if name.eq_ignore_ascii_case("status") {
            let code = value
                .trim()
                .split(' ')
                .next()
                .and_then(|code| code.parse().ok());
            *response.status_mut() = code.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        } else if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(value.trim()),
        ) {
            response.headers_mut().append(name, value);
        }
    }
}
